import json
import struct
import zlib
from pathlib import Path

labels = {"run_0": "Baseline"}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


losses = [json.loads(Path(run, "final_info.json").read_text())["toy"]["means"]["loss_mean"] for run in labels]
height = [min(int(300 * loss), 300) for loss in losses]
rows = [
    bytes([0]) + bytes(40 if row < height[x * len(height) // 384] else 255 for x in range(384)) for row in range(300)
]
header = struct.pack(">IIBBBBB", 384, 300, 8, 0, 0, 0, 0)
png = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(reversed(rows)))) + chunk(b"IEND", b"")
Path("loss.png").write_bytes(b"\x89PNG\r\n\x1a\n" + png)
