import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for samples.py

from device_cases import device  # noqa: F401
