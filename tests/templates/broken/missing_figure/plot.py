labels = {"run_0": "Baseline"}
print("nothing is drawn for", *labels)
