"""Tandem keeps a CRM and an ERP in agreement."""

__version__ = "0.1.0"
