"""What the dashboards show, said once in English and in Vietnamese: panels are values, drawn in either language."""
