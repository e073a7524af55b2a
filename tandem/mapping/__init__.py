"""Mappings: YAML that says how a stream and an object correspond, compiled into plain functions."""
