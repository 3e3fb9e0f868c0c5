// Hugging Face's Rust tokenizer on the texts of the development split: the peer of TokenizerBenchmarks.
// Needs 'npm ci --ignore-scripts' in tests/node and the folder 'shared' beside the repository.
//
// usage: node benchmarks/node/tokenizers.mjs
import { readFileSync, existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

// One thread, as the others; the library reads it when it is loaded.
process.env.RAYON_NUM_THREADS = '1'
process.env.TOKENIZERS_PARALLELISM = 'false'

const root = new URL('../../', import.meta.url)
const shared = new URL('../shared/data/', root)
const require = createRequire(new URL('tests/node/package.json', root))
for (const file of ['goemotions/dev.tsv', 'bert-base-uncased/vocab.txt']) {
  if (!existsSync(new URL(file, shared))) {
    console.error(`${fileURLToPath(new URL(file, shared))}: not there; this benchmark needs the folder 'shared' beside the repository.`)
    process.exit(1)
  }
}

const { Tokenizer, WordPiece, bertNormalizer, bertPreTokenizer, bertProcessing } = require('tokenizers')
const texts = readFileSync(new URL('goemotions/dev.tsv', shared), 'utf8').trimEnd().split('\n').map((line) => line.split('\t')[0])

const loadStart = performance.now()
const model = await WordPiece.fromFile(fileURLToPath(new URL('bert-base-uncased/vocab.txt', shared)), { unkToken: '[UNK]' })
const tokenizer = new Tokenizer(model)
tokenizer.setNormalizer(bertNormalizer())
tokenizer.setPreTokenizer(bertPreTokenizer())
tokenizer.setPostProcessor(bertProcessing(['[SEP]', 102], ['[CLS]', 101]))
tokenizer.addSpecialTokens(['[UNK]', '[SEP]', '[PAD]', '[CLS]', '[MASK]'])
const loadTime = performance.now() - loadStart

async function measure(name, run) {
  let tokens = 0
  for (let round = 0; round < 3; round++) {
    tokens = await run()
  }

  const times = []
  for (let round = 0; round < 15; round++) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }

  times.sort((a, b) => a - b)
  const perText = (times[7] * 1e6) / texts.length
  const rate = (n) => Math.round((n * 1e9) / perText / texts.length).toLocaleString('en-US')
  console.log(`| ${name} | ${Math.round(perText).toLocaleString('en-US')} | ${rate(texts.length)} | ${rate(tokens)} |`)
}

console.log(`node ${process.version}, tokenizers ${require('tokenizers/package.json').version}, load ${loadTime.toFixed(0)} ms, ${texts.length} texts`)
console.log('| call | ns/text (median of 15) | texts/s | tokens/s |')
console.log('|---|---:|---:|---:|')
await measure('encodeBatch, all texts at once', async () => {
  const encodings = await tokenizer.encodeBatch(texts)
  return encodings.reduce((sum, encoding) => sum + encoding.getLength(), 0)
})
await measure('encode, one text a call', async () => {
  let sum = 0
  for (const text of texts) {
    sum += (await tokenizer.encode(text)).getLength()
  }

  return sum
})
