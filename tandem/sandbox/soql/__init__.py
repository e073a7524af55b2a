"""SOQL: text → tree (`parser`) → SQL (`compiler`)."""
