"""Apache Airflow runs the lanes: the only part of Tandem that knows Airflow."""
