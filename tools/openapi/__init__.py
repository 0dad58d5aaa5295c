"""The board's OpenAPI document. paths.py and answers.py say what it is made of; read those."""
