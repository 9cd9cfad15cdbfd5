import argparse
import os
import time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--out_dir", default="run_0")
out_dir = Path(parser.parse_args().out_dir)
out_dir.mkdir(exist_ok=True)

# A daemon that leaves session and group behind and beats until it is ended, or for two minutes.
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        (out_dir / "daemon.pid").write_text(str(os.getpid()))
        for beat in range(1200):
            (out_dir / "heartbeat").write_text(str(beat))
            time.sleep(0.1)
    os._exit(0)

print("step 1 of 1000000", flush=True)
while True:
    time.sleep(1)
