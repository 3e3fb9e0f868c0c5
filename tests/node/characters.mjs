// Derives what the Hugging Face tokenizer does with each of the 1,114,112 code points, by asking it, and writes
// the table that the engine embeds (src/GoEmotions.Onnx/Tokenization/characters.bin; format in docs/tokenization.md).
//
// usage: node characters.mjs OUTPUT
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import tokenizers from 'tokenizers'

const { AddedToken, Tokenizer, WordPiece, bertNormalizer, bertPreTokenizer, nfdNormalizer } = tokenizers

const End = 0x110000
const Flag = { Dropped: 1, WhiteSpace: 2, Chinese: 4, Punctuation: 8, NonSpacingMark: 16, Word: 32 }
const HangulStart = 0xac00
const HangulEnd = 0xd7a4

const isSurrogate = (cp) => cp >= 0xd800 && cp < 0xe000
const codePoints = (text) => Array.from(text, (c) => c.codePointAt(0))

function normalizer(steps) {
  const all = { cleanText: false, handleChineseChars: false, stripAccents: false, lowercase: false }
  const made = bertNormalizer({ ...all, ...steps })
  return (text) => made.normalizeString(text)
}

function expect(condition, cp, what) {
  if (!condition) {
    throw new Error(`U+${cp.toString(16).toUpperCase().padStart(4, '0')}: ${what}`)
  }
}

// The answer of the reference to 'x' + c + 'z' tells a dropped character from a kept one and from whitespace.
function properties() {
  const clean = normalizer({ cleanText: true })
  const chinese = normalizer({ handleChineseChars: true })
  const strip = normalizer({ stripAccents: true })
  const lower = normalizer({ lowercase: true })
  const nfdStep = nfdNormalizer()
  const nfd = (text) => nfdStep.normalizeString(text)
  const preTokenizer = bertPreTokenizer()

  const flags = new Uint8Array(End)
  const decompositions = new Map()
  const lowers = new Map()
  const combining = []

  for (let cp = 0; cp < End; cp++) {
    if (isSurrogate(cp)) {
      continue
    }

    const c = String.fromCodePoint(cp)
    const framed = `x${c}z`
    let flag = 0

    const pieces = preTokenizer.preTokenizeString(framed).map((p) => p[0])
    if (pieces.length === 2) {
      flag |= Flag.WhiteSpace
    } else if (pieces.length === 3) {
      flag |= Flag.Punctuation
    } else {
      expect(pieces.length === 1 && pieces[0] === framed, cp, `split into ${JSON.stringify(pieces)}`)
    }

    const cleaned = clean(framed)
    if (cleaned === 'xz') {
      flag |= Flag.Dropped
    } else {
      expect(cleaned === (flag & Flag.WhiteSpace ? 'x z' : framed), cp, `cleaned to ${JSON.stringify(cleaned)}`)
    }

    const spaced = chinese(c)
    if (spaced === ` ${c} `) {
      flag |= Flag.Chinese
    } else {
      expect(spaced === c, cp, `spaced to ${JSON.stringify(spaced)}`)
    }

    const decomposed = nfd(c)
    if (decomposed !== c) {
      const parts = codePoints(decomposed)
      if (cp >= HangulStart && cp < HangulEnd) {
        const s = cp - HangulStart
        const jamo = [0x1100 + Math.floor(s / 588), 0x1161 + Math.floor((s % 588) / 28)]
        if (s % 28) {
          jamo.push(0x11a7 + (s % 28))
        }

        expect(parts.join() === jamo.join(), cp, 'a Hangul syllable that is not decomposed by arithmetic')
      } else {
        decompositions.set(cp, parts)
      }
    } else {
      const stripped = strip(c)
      if (stripped === '') {
        flag |= Flag.NonSpacingMark
      } else {
        expect(stripped === c, cp, `stripped to ${JSON.stringify(stripped)}`)
      }

      // U+0334 has the lowest combining class above 0, U+0345 the highest: one of them moves past every combining mark.
      if (nfd(`\u0345${c}`) !== `\u0345${c}` || nfd(`${c}\u0334`) !== `${c}\u0334`) {
        combining.push(cp)
      }
    }

    const lowered = lower(c)
    if (lowered !== c) {
      lowers.set(cp, codePoints(lowered))
    }

    flags[cp] = flag
  }

  return { flags, decompositions, lowers, ranks: rank(combining, nfd) }
}

// Canonical combining classes up to their order, which is all that canonical ordering needs: 1 is the lowest.
function rank(combining, nfd) {
  const moves = (a, b) => {
    const text = String.fromCodePoint(a, b)
    return nfd(text) !== text
  }
  const sorted = combining.slice().sort((a, b) => (moves(a, b) ? 1 : moves(b, a) ? -1 : a - b))
  const ranks = new Map()
  let current = 0
  sorted.forEach((cp, index) => {
    if (index === 0 || moves(cp, sorted[index - 1])) {
      current++
    }

    ranks.set(cp, current)
  })
  return ranks
}

// Which characters count as part of a word beside an added token with single_word, asked by encoding c + token.
async function addWordFlags(flags) {
  const model = WordPiece.init({ '[UNK]': 0, zq: 1 }, { unkToken: '[UNK]' })
  const tokenizer = new Tokenizer(model)
  tokenizer.addAddedTokens([new AddedToken('zq', false, { singleWord: true, normalized: false, rightStrip: true })])
  const chunk = 0x4000
  for (let start = 0; start < End; start += chunk) {
    const asked = []
    for (let cp = start; cp < start + chunk; cp++) {
      if (!isSurrogate(cp)) {
        asked.push(cp)
      }
    }

    const before = await tokenizer.encodeBatch(asked.map((cp) => `${String.fromCodePoint(cp)}zq`))
    const after = await tokenizer.encodeBatch(asked.map((cp) => `zq${String.fromCodePoint(cp)}`))
    asked.forEach((cp, index) => {
      const matchedBefore = before[index].getIds().includes(1)
      const matchedAfter = after[index].getIds().includes(1)
      expect(matchedBefore === matchedAfter, cp, 'a word character on one side only')
      if (!matchedBefore) {
        flags[cp] |= Flag.Word
      } else {
        const swallowed = after[index].getOffsets()[0][1] > 2
        expect(swallowed === Boolean(flags[cp] & Flag.WhiteSpace), cp, 'whitespace to one of the two only')
      }
    })
  }
}

class Writer {
  bytes = []

  number(value) {
    while (value >= 0x80) {
      this.bytes.push((value & 0x7f) | 0x80)
      value >>>= 7
    }

    this.bytes.push(value)
  }

  signed(value) {
    this.number(value >= 0 ? value * 2 : -value * 2 - 1)
  }

  // Runs of equal values over all code points: length, value.
  runs(valueAt) {
    const runs = []
    for (let cp = 0; cp < End; cp++) {
      const value = valueAt(cp)
      const last = runs[runs.length - 1]
      if (last && last.value === value) {
        last.length++
      } else {
        runs.push({ value, length: 1 })
      }
    }

    this.number(runs.length)
    for (const { length, value } of runs) {
      this.number(length)
      this.number(value)
    }
  }

  // Mappings in code point order: distance from the previous key, number of code points, each as a difference to the key.
  mappings(map) {
    const keys = [...map.keys()].sort((a, b) => a - b)
    this.number(keys.length)
    let previous = 0
    for (const key of keys) {
      const to = map.get(key)
      this.number(key - previous)
      this.number(to.length)
      to.forEach((cp) => this.signed(cp - key))
      previous = key
    }
  }
}

export async function characterTable() {
  const { flags, decompositions, lowers, ranks } = properties()
  await addWordFlags(flags)
  const writer = new Writer()
  writer.bytes.push(...Buffer.from('BERTCHR1', 'latin1'))
  writer.runs((cp) => flags[cp])
  writer.runs((cp) => ranks.get(cp) ?? 0)
  writer.mappings(decompositions)
  writer.mappings(lowers)
  return Buffer.from(writer.bytes)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [output] = process.argv.slice(2)
  if (!output) {
    console.error('usage: node characters.mjs OUTPUT')
    process.exit(2)
  }

  const table = await characterTable()
  writeFileSync(output, table)
  console.log(`${output}: ${table.length} bytes`)
}
