"""The two calls that the REST API does not have: merge and undelete, over SOAP.

    POST services/Soap/u/59.0
    <merge><request><masterRecord><type>Account</type><Id>001A</Id></masterRecord>
           <recordToMergeIds>001B</recordToMergeIds></request></merge>

The session of the REST API is good for it. What a merge moved to the survivor stays there when the
record is undeleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceGeneralError

from connectors.base import Operation, Write

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce

PARTNER = "{urn:partner.soap.sforce.com}"
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns="urn:partner.soap.sforce.com" xmlns:record="urn:sobject.partner.soap.sforce.com">'
    "<soapenv:Header><SessionHeader><sessionId>{session}</sessionId></SessionHeader>"
    "</soapenv:Header><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)


def body(stream: str, writes: Sequence[Write]) -> str:
    """The call that carries out merges, or unmerges.

    >>> body("Account", [Write(Operation.UNMERGE, "key", "001B")])
    '<undelete><ids>001B</ids></undelete>'
    """
    if writes[0].operation is Operation.UNMERGE:
        ids = "".join(f"<ids>{escape(str(write.native_id))}</ids>" for write in writes)
        return f"<undelete>{ids}</undelete>"
    requests = "".join(
        f"<request><masterRecord><record:type>{escape(stream)}</record:type>"
        f"<record:Id>{escape(str(write.into))}</record:Id></masterRecord>"
        f"<recordToMergeIds>{escape(str(write.native_id))}</recordToMergeIds></request>"
        for write in writes
    )
    return f"<merge>{requests}</merge>"


def call(salesforce: Salesforce, stream: str, writes: Sequence[Write]) -> list[dict[str, Any]]:
    """Carry out merges or unmerges; each one's result in the shape of sObject Collections.

    Raises:
        SalesforceExpiredSession: log in again.
        SalesforceGeneralError: the org refused the call as a whole.
    """
    address = f"https://{salesforce.sf_instance}/services/Soap/u/{salesforce.sf_version}"
    envelope = _ENVELOPE.format(
        session=escape(str(salesforce.session_id)), body=body(stream, writes)
    )
    response = salesforce.session.post(
        address,
        data=envelope.encode(),
        headers={"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'},
    )
    fault = None if response.ok else _fault(response.content)
    if fault is not None and fault["errorCode"] == "INVALID_SESSION_ID":
        raise SalesforceExpiredSession(address, 401, "soap", [fault])  # type: ignore[arg-type]  # the library itself passes parsed answers
    if not response.ok:
        # A fault is told with status 500, and means that nothing was done.
        status = response.status_code if fault is None else 400
        raise SalesforceGeneralError(address, status, "soap", [fault or {}])  # type: ignore[arg-type]  # as above
    return results(response.content)


def results(content: bytes) -> list[dict[str, Any]]:
    """The results in an answer.

    >>> results(b'<a xmlns="urn:partner.soap.sforce.com"><result><id>001A</id>'
    ...         b'<success>true</success></result></a>')
    [{'id': '001A', 'success': True, 'errors': []}]
    """
    return [
        {
            "id": each.findtext(f"{PARTNER}id"),
            "success": each.findtext(f"{PARTNER}success") == "true",
            "errors": [_error(error) for error in each.iter(f"{PARTNER}errors")],
        }
        for each in _parsed(content).iter(f"{PARTNER}result")
    ]


def _error(error: ElementTree.Element) -> dict[str, Any]:
    return {
        "statusCode": error.findtext(f"{PARTNER}statusCode"),
        "message": error.findtext(f"{PARTNER}message"),
        "fields": [field.text for field in error.iter(f"{PARTNER}fields")],
    }


def _fault(content: bytes) -> Mapping[str, Any] | None:
    """Code and message of a fault; None when the answer is none."""
    try:
        fault = next(_parsed(content).iter("faultcode"), None)
        message = next(_parsed(content).iter("faultstring"), None)
    except ElementTree.ParseError:
        return None
    if fault is None:
        return None
    code = (fault.text or "").rpartition(":")[2]
    return {"errorCode": code, "message": "" if message is None else message.text or ""}


def _parsed(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content)  # noqa: S314 - expat bounds entities and loads none
