"""The describe calls: what the schema looks like from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.sandbox.schema import SCHEMA, Field, FieldType, SObject

_SOAP_TYPES = {
    FieldType.ID: "tns:ID",
    FieldType.REFERENCE: "tns:ID",
    FieldType.BOOLEAN: "xsd:boolean",
    FieldType.INT: "xsd:int",
    FieldType.DATETIME: "xsd:dateTime",
}
_ID_LENGTH = 18
_NOT_USED_HERE: Mapping[str, Any] = {
    "precision": 0,
    "scale": 0,
    "defaultValueFormula": None,
    "calculated": False,
    "calculatedFormula": None,
    "autoNumber": False,
    "caseSensitive": False,
    "deprecatedAndHidden": False,
    "dependentPicklist": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "namePointing": False,
    "relationshipOrder": None,
    "controllerName": None,
    "writeRequiresMasterRead": False,
}
"""Properties that every field has, with the value that says nothing."""


def describe_global(version: str) -> dict[str, Any]:
    """Return the answer of `…/sobjects`."""
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [_summary(sobject, version) for sobject in SCHEMA.values()],
    }


def describe_sobject(sobject: SObject, version: str) -> dict[str, Any]:
    """Return the answer of `…/sobjects/X/describe`."""
    return {
        **_summary(sobject, version),
        "fields": [_field(field, sobject) for field in sobject.fields],
        "childRelationships": [
            {
                "childSObject": child.name,
                "field": field.name,
                "relationshipName": child.label_plural,
            }
            for child in SCHEMA.values()
            for field in child.fields
            if field.references == sobject.name and field.writable
        ],
        "recordTypeInfos": [],
    }


def _summary(sobject: SObject, version: str) -> dict[str, Any]:
    base = f"/services/data/v{version}/sobjects/{sobject.name}"
    return {
        "name": sobject.name,
        "label": sobject.label,
        "labelPlural": sobject.label_plural,
        "keyPrefix": sobject.key_prefix,
        "custom": False,
        "customSetting": False,
        "activateable": False,
        "createable": sobject.editable,
        "updateable": sobject.editable,
        "deletable": sobject.editable,
        "undeletable": sobject.editable,
        "mergeable": sobject.name == "Account",
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "layoutable": True,
        "listviewable": None,
        "lookupLayoutable": None,
        "searchLayoutable": True,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": True,
        "triggerable": False,
        "urls": {
            "sobject": base,
            "describe": f"{base}/describe",
            "rowTemplate": f"{base}/{{ID}}",
        },
    }


def _field(field: Field, sobject: SObject) -> dict[str, Any]:
    writable = field.writable and sobject.editable
    always_there = field.type in {FieldType.ID, FieldType.BOOLEAN} or (
        field.defaulted and field.name != "Name"
    )
    length = _ID_LENGTH if field.type in {FieldType.ID, FieldType.REFERENCE} else field.length
    return {
        **_NOT_USED_HERE,
        "name": field.name,
        "label": field.label,
        "type": field.type.value,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "length": length,
        "byteLength": length * 3,
        "digits": 8 if field.type is FieldType.INT else 0,
        "nillable": not (field.required or always_there),
        "createable": writable,
        "updateable": writable,
        "defaultedOnCreate": field.defaulted or field.type is FieldType.BOOLEAN,
        "defaultValue": field.default,
        "unique": field.external_id,
        "externalId": field.external_id,
        "idLookup": field.external_id or field.type in {FieldType.ID, FieldType.EMAIL},
        "custom": field.custom,
        "nameField": field.name == "Name",
        "filterable": field.length <= 255,
        "groupable": field.length <= 255,
        "sortable": field.length <= 255,
        "picklistValues": [
            {
                "value": value,
                "label": value,
                "active": True,
                "defaultValue": False,
                "validFor": None,
            }
            for value in field.picklist
        ],
        "restrictedPicklist": field.restricted,
        "referenceTo": [field.references] if field.references else [],
        "relationshipName": field.relationship,
    }
