// node train.mjs JOB.json: trains artifacts in ONNX Runtime's own TrainingSession and prints what came of it as JSON.
// tests/GoEmotions.Onnx.Parity.Tests/Artifacts/OrtTrainingRun.cs is the other end.
//
//   {"runtime": "1.19.2", "artifacts": "DIR", "accumulate": 1, "batches": [{rows, columns, input_ids, attention_mask, labels}...],
//    "evaluate": {...}, "parameters": "FILE"}
//   -> {"inputs": [...], "outputs": [...], "losses": [...], "loss": n, "logits": [...], "milliseconds": n}
//
// The trained parameters are written to FILE, float32, one after the other.
import { readFileSync, writeFileSync } from 'node:fs'
import { feeds, open } from './training-session.mjs'

// An error of the C++ side is the address of its exception; its text lies beside it, behind pointers.
const describe = (error) => (typeof error === 'number' ? `C++ exception at ${error}` : String(error?.stack ?? error))

try {
  const job = JSON.parse(readFileSync(process.argv[2], 'utf8'))
  const opened = await open(job.artifacts, job.runtime)
  const { session } = opened
  const losses = []
  const start = performance.now()
  for (const [index, batch] of job.batches.entries()) {
    const result = await session.runTrainStep(feeds(opened, batch))
    losses.push(result.loss.data[0])
    if ((index + 1) % job.accumulate === 0) {
      await session.runOptimizerStep()
      await session.lazyResetGrad()
    }
  }

  const milliseconds = performance.now() - start
  const evaluated = await session.runEvalStep(feeds(opened, job.evaluate))
  const parameters = (await session.getContiguousParameters(true)).data
  writeFileSync(job.parameters, new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength))
  const report = {
    inputs: session.trainingInputNames,
    outputs: session.trainingOutputNames,
    losses,
    loss: evaluated.loss.data[0],
    logits: [...evaluated.logits.data],
    milliseconds,
  }
  console.log(JSON.stringify(report, (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value)))
} catch (error) {
  console.error(describe(error))
  process.exitCode = 1
}
