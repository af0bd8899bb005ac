"""Labels that a page must show and not obey, and the keys of the regional figures."""

HOSTILE = "<script>alert('x')</script> & \"guillemets\""
ENDLESS = "Libellé sans fin " + "interminable " * 22
RIGHT_TO_LEFT = "\x07\u202eabc\u202c =cmd|' /C calc'!A0"

REGION = {"perimetre_type": "region", "perimetre": "region"}
ENSEMBLE = {"axe": "ensemble", "segment": "tous"}
