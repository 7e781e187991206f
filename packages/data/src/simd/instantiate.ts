/** The part of the platform's WebAssembly that is used here; the types of it come with a page's, not with Node's. */
interface Platform {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

/** A memory that grows by pages of 64 KiB; `buffer` is another one after that. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** What a module without imports exports; undefined where the platform has no vectors, or a page forbids WebAssembly. */
export function instantiate<Exports>(bytes: Uint8Array<ArrayBuffer>): Exports | undefined {
  const { WebAssembly: platform } = globalThis as unknown as { readonly WebAssembly?: Platform }
  try {
    return platform && (new platform.Instance(new platform.Module(bytes)).exports as Exports)
  } catch {
    return undefined
  }
}
