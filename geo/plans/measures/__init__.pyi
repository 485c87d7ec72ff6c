from .registry import MEASURES as MEASURES
