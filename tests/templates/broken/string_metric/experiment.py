import argparse
import json
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--out_dir", default="run_0")
out_dir = Path(parser.parse_args().out_dir)
out_dir.mkdir(exist_ok=True)

final_info = {"toy": {"means": {"loss_mean": "low"}}}
(out_dir / "final_info.json").write_text(json.dumps(final_info))
