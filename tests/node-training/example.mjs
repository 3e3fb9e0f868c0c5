// node example.mjs ARTIFACTS EXAMPLES.jsonl PARAMETERS.bin
//
// Trains a folder of 'goemotions artifacts' on examples, one {"ids": [101, ..., 102], "labels": [17]} a line, and writes the trained
// parameters for 'goemotions import-checkpoint --checkpoint ARTIFACTS/checkpoint --parameters PARAMETERS.bin'.
import { readFileSync, writeFileSync } from 'node:fs'
import * as ort from './node_modules/onnxruntime-web/dist/ort.training.wasm.min.mjs'

const [artifacts, examplesFile, parametersFile] = process.argv.slice(2)
const labelCount = 28
const padTokenId = 0
const batchSize = 8
const epochs = 3

ort.env.wasm.wasmPaths = { mjs: new URL('./ort-training-module.mjs', import.meta.url).href }
ort.env.wasm.numThreads = 1
const file = (name) => new Uint8Array(readFileSync(`${artifacts}/${name}`))
const session = await ort.TrainingSession.create({
  checkpointState: file('checkpoint'),
  trainModel: file('training_model.onnx'),
  evalModel: file('eval_model.onnx'),
  optimizerModel: file('optimizer_model.onnx'),
})

function feedsOf(batch) {
  const length = Math.max(...batch.map(({ ids }) => ids.length))
  const tokens = (rowOf) => new ort.Tensor('int64', BigInt64Array.from(batch.flatMap(rowOf), BigInt), [batch.length, length])
  const labels = batch.flatMap((example) => Array.from({ length: labelCount }, (_, label) => (example.labels.includes(label) ? 1 : 0)))
  const all = {
    input_ids: tokens(({ ids }) => [...ids, ...Array(length - ids.length).fill(padTokenId)]),
    attention_mask: tokens(({ ids }) => [...Array(ids.length).fill(1), ...Array(length - ids.length).fill(0)]),
    token_type_ids: tokens(() => Array(length).fill(0)),
    labels: new ort.Tensor('float32', labels, [batch.length, labelCount]),
  }

  // In the order of the model: the JavaScript layer passes inputs on by position.
  return Object.fromEntries(session.trainingInputNames.map((name) => [name, all[name]]))
}

const examples = readFileSync(examplesFile, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
for (let epoch = 1; epoch <= epochs; epoch++) {
  let sum = 0
  for (let start = 0; start < examples.length; start += batchSize) {
    const batch = examples.slice(start, start + batchSize)
    const { loss } = await session.runTrainStep(feedsOf(batch))
    await session.runOptimizerStep()
    await session.lazyResetGrad()
    sum += loss.data[0] * batch.length
  }

  console.log(`epoch ${epoch}: loss ${(sum / examples.length).toFixed(4)}`)
}

const { data } = await session.getContiguousParameters(true)
writeFileSync(parametersFile, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
