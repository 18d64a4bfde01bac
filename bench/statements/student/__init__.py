"""Recipe of the student: the text encoder that the rubric reads turns with, at a tenth of its teacher's cost.

The teacher is the encoder of six layers that `bench.statements.encoder` trains. Its weights are not in the working
tree; as int8 they are at commit 8d3d070, where the package still read them. In order:

    mkdir teacher
    git show 8d3d070:src/dayline/scoring/facts/models/encoder.onnx > teacher/encoder.onnx
    git show 8d3d070:src/dayline/scoring/facts/models/encoder.npz > teacher/encoder.npz
    python -m bench.statements.encoder.data --weights BASE --out DATA
    python -m bench.statements.student.corpus --data DATA --teacher teacher
    python -m bench.statements.student.train --data DATA --teacher teacher --out student.npz
    python -m bench.statements.student.judge --teacher teacher --weights student.npz
    python -m bench.statements.student.ship --teacher teacher --weights student.npz

BASE holds what `encoder.data` begins from, DATA what it writes. `ENCODER.json` names the hashes of the teacher's files.
Torch and onnx must be installed, for the last step onnxruntime as well.

The defaults of `train` are those of the shipped run: 8.9 minutes on one H200 with 15 processes that vary talks, 96
talks a step. These were 14,746 steps of about 220 windows: 23,000 chunks with words, 28,000 with what fills windows up.
The six layers read every batch on the card as well. Three things keep the run from being repeated to the byte: a card
sums in no fixed order, batches come from the processes in no fixed order, and it did not begin from the teacher. It
began (`--begin`) from a student that had begun from the teacher's layers 1, 3 and 5 and had learned the same figures
for about an hour (39, 6 and 19 minutes) on one core, by a recipe that is no longer here. With `--device cpu`,
`--processes 1` and few `--talks` the same code learns without a card, 1.3 s for a step of two talks on one core.
"""
