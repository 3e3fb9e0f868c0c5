// Hugging Face's tokenizer as a process: one JSON request a line on standard input, one JSON answer a line on standard
// output. tests/GoEmotions.Onnx.Parity.Tests/Tokenization/ReferenceTokenizer.cs is the other end.
//
//   {"make": {...}}                                    -> {"tokenizer": n}   built as BertTokenizerFast builds it
//   {"load": "tokenizer.json"}                         -> {"tokenizer": n}
//   {"encode": n, "texts": [...], "maxLength": k|0}    -> {"ids": [[...]], "offsets": [[[start, end]...]]}   in code points
//   {"decode": n, "ids": [[...]], "skip": true|false}  -> {"texts": [...]}
//   {"normalize": {...}, "texts": [...]}               -> {"texts": [...]}
import { createInterface } from 'node:readline'
import tokenizers from 'tokenizers'

const { AddedToken, Tokenizer, WordPiece, bertNormalizer, bertPreTokenizer, templateProcessing, wordPieceDecoder } = tokenizers
const made = []

function normalizerOf({ cleanText = true, handleChineseChars = true, stripAccents = null, lowercase = true }) {
  return bertNormalizer({ cleanText, handleChineseChars, lowercase, ...(stripAccents === null ? {} : { stripAccents }) })
}

function make({ pieces, normalizer, maxInputCharsPerWord = 100, special, added = [] }) {
  const vocabulary = {}
  pieces.forEach((piece, id) => (vocabulary[piece] = id))
  const [unknown, separator, , start] = special
  const tokenizer = new Tokenizer(WordPiece.init(vocabulary, { unkToken: unknown, maxInputCharsPerWord }))
  tokenizer.setNormalizer(normalizerOf(normalizer))
  tokenizer.setPreTokenizer(bertPreTokenizer())
  tokenizer.setPostProcessor(
    templateProcessing(`${start} $A ${separator}`, `${start} $A ${separator} $B:1 ${separator}:1`, [
      [start, vocabulary[start]],
      [separator, vocabulary[separator]],
    ]),
  )
  tokenizer.setDecoder(wordPieceDecoder())
  tokenizer.addSpecialTokens(special.filter((token) => token in vocabulary))
  tokenizer.addAddedTokens(
    added.map(
      (token) =>
        new AddedToken(token.content, token.special, {
          normalized: token.normalized,
          singleWord: token.singleWord,
          leftStrip: token.leftStrip,
          rightStrip: token.rightStrip,
        }),
    ),
  )
  return tokenizer
}

async function answer(request) {
  if (request.make || request.load) {
    made.push(request.make ? make(request.make) : Tokenizer.fromFile(request.load))
    return { tokenizer: made.length - 1 }
  }

  if (request.normalize) {
    const normalizer = normalizerOf(request.normalize)
    return { texts: request.texts.map((text) => normalizer.normalizeString(text)) }
  }

  if (request.ids) {
    return { texts: await made[request.decode].decodeBatch(request.ids, request.skip) }
  }

  const tokenizer = made[request.encode]
  if (request.maxLength) {
    tokenizer.setTruncation(request.maxLength)
  } else {
    tokenizer.disableTruncation()
  }

  const encodings = await tokenizer.encodeBatch(request.texts)
  return { ids: encodings.map((e) => e.getIds()), offsets: encodings.map((e) => e.getOffsets()) }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  let reply
  try {
    reply = await answer(JSON.parse(line))
  } catch (error) {
    reply = { error: String(error) }
  }

  // Escaped, so that no byte depends on an encoding.
  const text = JSON.stringify(reply).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  process.stdout.write(`${text}\n`)
}
