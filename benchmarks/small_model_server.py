"""Serves a GGUF file with llama.cpp on 127.0.0.1 in OpenAI's protocol, and prints its address; ends with its stdin.

    PYTHON benchmarks/small_model_server.py MODEL.gguf [--context 8192] [--threads 2] [--longest 1024]

PYTHON is one that has `xllamacpp`; `small_model.py` makes such an environment and starts this in it.
"""

from __future__ import annotations

import argparse
import os
import sys

import xllamacpp


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve a GGUF file on 127.0.0.1.")
    parser.add_argument("model", help="a .gguf file")
    parser.add_argument("--context", type=int, default=8192, help="tokens of a prompt and its answer together")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--longest", type=int, default=1024, help="tokens of an answer when the client sets no limit")
    words = parser.parse_args()
    settings = xllamacpp.CommonParams()
    settings.model.path = words.model
    settings.model_alias = {"smollm2"}
    settings.n_ctx = words.context
    settings.n_parallel = 1
    settings.n_predict = words.longest
    settings.cpuparams.n_threads = words.threads
    settings.endpoint_metrics = True
    settings.hostnames = ["127.0.0.1"]
    settings.port = 0
    server = xllamacpp.Server(settings)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
