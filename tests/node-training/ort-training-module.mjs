// What onnxruntime-web 1.19.2 is given as its WebAssembly module: its own, with a `_free` that leaves the stack alone. The
// JavaScript layer frees a stack address in getContiguousParameters and loadParametersBuffer, which damages the heap; a later step
// then fails with "operation does not support unaligned accesses".
import factory from './node_modules/onnxruntime-web/dist/ort-training-wasm-simd-threaded.mjs'

export default async function create(options) {
  const module = await factory(options)

  // Both are stubs that put the real functions in their place when they are first called.
  module._free(module._malloc(4))
  const free = module._free
  const top = module.stackSave()
  module._free = (address) => (address >>> 0 <= top ? undefined : free(address))
  return module
}
