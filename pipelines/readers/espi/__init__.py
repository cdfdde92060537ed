"""Green Button files: NAESB REQ.21 ESPI XML."""
