// ONNX Runtime's own TrainingSession in Node: onnxruntime-web's training build, 1.19.2 or (runtime '1.17.3') 1.17.3.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'

async function load(runtime) {
  if (runtime === '1.17.3') {
    // A script for a page: it puts 'ort' into a variable and exports nothing, and its way of finding files in Node is broken. It
    // gets the surroundings of a web worker.
    const dist = new URL('./node_modules/onnxruntime-web-1.17/dist/', import.meta.url)
    const site = 'https://onnxruntime.invalid/'
    const script = readFileSync(new URL('ort.training.wasm.min.js', dist), 'utf8')
    const fetchFile = async (url) => new Response(readFileSync(new URL(url.slice(site.length), dist)), { headers: { 'content-type': 'application/wasm' } })
    const worker = { process: undefined, self: { location: { href: site } }, importScripts: () => {}, fetch: fetchFile }
    const ort = compileFunction(`${script}\nreturn ort`, Object.keys(worker))(...Object.values(worker))
    ort.env.wasm.wasmPaths = site
    ort.env.wasm.numThreads = 1
    return ort
  }

  const ort = await import('./node_modules/onnxruntime-web/dist/ort.training.wasm.min.mjs')
  ort.env.wasm.wasmPaths = { mjs: new URL('./ort-training-module.mjs', import.meta.url).href }
  ort.env.wasm.numThreads = 1
  return ort
}

/** Opens a folder of training artifacts. */
export async function open(folder, runtime = '1.19.2') {
  const ort = await load(runtime)
  const file = (name) => new Uint8Array(readFileSync(join(folder, name)))
  const session = await ort.TrainingSession.create({
    checkpointState: file('checkpoint'),
    trainModel: file('training_model.onnx'),
    evalModel: file('eval_model.onnx'),
    optimizerModel: file('optimizer_model.onnx'),
  })
  return { ort, session }
}

/** The inputs of a batch, in the order of the model: the JavaScript layer passes them on by position. */
export function feeds({ ort, session }, batch) {
  const shape = [batch.rows, batch.columns]
  const tokens = (values) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), shape)
  const all = {
    input_ids: () => tokens(batch.input_ids),
    attention_mask: () => tokens(batch.attention_mask),
    token_type_ids: () => tokens(batch.token_type_ids ?? batch.input_ids.map(() => 0)),
    labels: () => new ort.Tensor('float32', Float32Array.from(batch.labels), [batch.rows, batch.labels.length / batch.rows]),
  }
  return Object.fromEntries(session.trainingInputNames.map((name) => [name, all[name]()]))
}
