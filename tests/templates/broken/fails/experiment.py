import argparse
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--out_dir", default="run_0")
out_dir = Path(parser.parse_args().out_dir)
out_dir.mkdir(exist_ok=True)


def train():
    raise ValueError("shapes (64,10) and (32,) do not fit")


train()
