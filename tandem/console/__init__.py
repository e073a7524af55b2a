"""The steward's console: server-rendered pages over the state, each with the same content as JSON.

Adding a page takes four steps:

1. A module here, e.g. `tandem/console/records.py`, with a pydantic model of what the page shows and
   a function that fills it. One function makes two routes: the page, and its twin under `/api/v1`
   with the same path, which the OpenAPI document describes from the model and the docstring.

       pages = Pages("records")

       class RecordPage(BaseModel): ...

       @pages.page("/records/{canonical_id}", "record.html")
       def record_page(canonical_id: str, console: ConsoleDependency) -> RecordPage:
           \"\"\"A record as each system has it.\"\"\"
           return RecordPage(...)                     # reads through console.reader only

   Whoever is logged in may see it; `@pages.page(…, role=Role.ENGINEER)` asks for more. Errors of
   Tandem become answers by `tandem/console/errors.py` (`NotFoundError` is a 404, on the page and as
   JSON). What is personal never stands in a path or a query: searches are posted.
2. A template `templates/record.html` that extends `base.html`; the model is `page`. Every sentence
   stands in `{{ _("…") }}`. `url("/records/…")` makes links that work wherever the console is
   mounted. No inline script, no inline style: the CSP refuses both; classes are in
   `static/console.css`, behaviour in `static/console.js`.
3. The module's `pages` in `PARTS` in `tandem/console/app.py`.
4. A link in `NAVIGATION` in `tandem/console/templating.py`, if it has a place of its own.

A test of `tests/unit/console` makes a console over a `World` and logs in; see its `conftest.py`.
"""
