// transformers.js beside the engine: scores the texts of a model directory by its pipeline, in batches padded to the longest text.
// Started by 'GoEmotions.Onnx.Benchmarks -- serving', which says what the lines mean (Serving/PeerProcess.cs).
// Needs 'npm ci --ignore-scripts' in this folder.
//
// usage: node serve.mjs MODEL_DIRECTORY THREADS BATCH_SIZE
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { env, pipeline } from '@huggingface/transformers'

const require = createRequire(import.meta.url)
const directory = resolve(process.argv[2])
const threads = Number(process.argv[3])
const batchSize = Number(process.argv[4])
env.allowRemoteModels = false
env.localModelPath = dirname(directory)

const texts = JSON.parse(readFileSync(`${directory}/texts.json`, 'utf8'))
const config = JSON.parse(readFileSync(`${directory}/config.json`, 'utf8'))
const labels = Object.keys(config.id2label).map((id) => config.id2label[id])
const classify = await pipeline('text-classification', basename(directory), {
  dtype: 'fp32',
  device: 'cpu',
  session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
})

async function score(count) {
  const results = []
  for (let start = 0; start < count; start += batchSize) {
    results.push(...(await classify(texts.slice(start, Math.min(start + batchSize, count)), { top_k: null })))
  }

  return results
}

const version = (name) => JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')).version
const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)
answer({ versions: `Node ${process.versions.node}, @huggingface/transformers ${env.version}, onnxruntime-node ${version('onnxruntime-node')}` })
for await (const line of createInterface({ input: process.stdin })) {
  const [command, argument] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]
  if (command === 'run') {
    const start = performance.now()
    await score(Number(argument))
    answer({ seconds: (performance.now() - start) / 1000 })
  } else {
    const probabilities = new Float32Array(texts.length * labels.length)
    const results = await score(texts.length)
    results.forEach((scores, text) => scores.forEach(({ label, score }) => {
      probabilities[text * labels.length + labels.indexOf(label)] = score
    }))
    writeFileSync(argument, probabilities)
    answer({})
  }
}
