"""A CRM on one's own machine that speaks the Salesforce REST API.

No Salesforce runs locally, so this server stands in for one: the same URLs, the same bodies, the
same errors, with its records in one SQLite file, a page to look at and edit them, and a fault
script. It is a separate program that imports nothing else of tandem; the connector meets it over a
socket, through the public client library, exactly as it meets a real org.

    python -m tandem.sandbox --port 8091 --db .tandem/sandbox.sqlite
"""
