// transformers.js and ONNX Runtime's JavaScript builds on a model directory: one request from a JSON file, one JSON answer on the
// standard output. tests/GoEmotions.Onnx.Parity.Tests/Export/JavaScript.cs is the other end.
//
//   {"classify": "dir", "dtype": "fp32"|"q8"|"fp16", "texts": [...]}     -> {"scores": [{label: probability, ...}, ...]}
//   {"tokenize": "dir", "texts": [...]}                                  -> {"ids": [[...], ...]}
//   {"run": "model.onnx", "runtime": "node"|"web", "batches": [{name: [[...], ...], ...}, ...]}
//                                                                        -> {"logits": [[...], ...]}   a row per row of the batches
//
// usage: node run.mjs REQUEST
import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'

async function transformers(directory) {
  const library = await import('@huggingface/transformers')
  library.env.allowRemoteModels = false
  library.env.localModelPath = dirname(directory)
  library.env.useFSCache = false
  return { library, name: basename(directory) }
}

async function classify({ classify: directory, dtype, texts }) {
  const { library, name } = await transformers(directory)
  const classifier = await library.pipeline('text-classification', name, { dtype })
  const scores = []
  for (let start = 0; start < texts.length; start += 16) {
    const results = await classifier(texts.slice(start, start + 16), { top_k: null })
    scores.push(...results.map((labels) => Object.fromEntries(labels.map(({ label, score }) => [label, score]))))
  }

  return { scores }
}

async function tokenize({ tokenize: directory, texts }) {
  const { library, name } = await transformers(directory)
  const tokenizer = await library.AutoTokenizer.from_pretrained(name)
  return { ids: texts.map((text) => tokenizer.encode(text)) }
}

async function run({ run: file, runtime, batches }) {
  const ort = await import(runtime === 'web' ? 'onnxruntime-web' : 'onnxruntime-node')
  const { InferenceSession, Tensor, env } = ort.default ?? ort
  if (runtime === 'web') {
    env.wasm.numThreads = 1
  }

  const session = await InferenceSession.create(readFileSync(file))
  const logits = []
  for (const batch of batches) {
    const feeds = {}
    for (const name of session.inputNames) {
      const rows = batch[name]
      feeds[name] = new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0].length])
    }

    const result = (await session.run(feeds))[session.outputNames[0]]
    const [count, width] = result.dims
    for (let row = 0; row < count; row++) {
      logits.push([...result.data.slice(row * width, (row + 1) * width)])
    }
  }

  return { inputs: session.inputNames, outputs: session.outputNames, logits }
}

const request = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const answer = await (request.classify ? classify : request.tokenize ? tokenize : run)(request)
process.stdout.write(`${JSON.stringify(answer)}\n`)
