"""What is printed on paper: the regional letter, and the templates that it shares with the organismes' leaflets.

- `press`     one template and its contents become a PDF: tagged, fonts embedded, PDF/UA-1
- `words`     a figure, a verdict, an indicator as the templates expect them: written, or masked with its reason
- `beside`    the commitments and stories of a theme, as the templates expect them
- `content`   the letter's contents, read from the published file
- `*.typ`     the templates; they print data as text and compute nothing
"""
