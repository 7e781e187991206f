import * as onnxruntime from 'onnxruntime-web/webgpu'
import type { Command } from '../commands'
import { OnnxError, packError } from '../errors'
import type { WebOrt } from './ort'
import { PageDevice } from './page-device'
import { faultOf } from './probe'
import type { StartOptions, ToPage, ToWorker } from './protocol'

// The worker of a page: it takes commands and carries them out one after the other, each when the one before is done.

const scope = globalThis as unknown as {
  onmessage: ((event: { data: ToWorker }) => void) | null
  postMessage(message: ToPage, transfer: Transferable[]): void
}
const ort = onnxruntime as unknown as WebOrt
let device: PageDevice | undefined

const tell = (message: ToPage, transfer: Transferable[] = []): void => scope.postMessage(message, transfer)

/** What this package asks of WebGPU, which the types of TypeScript do not know. */
interface Adapter {
  readonly isFallbackAdapter?: boolean
  readonly info?: { readonly isFallbackAdapter?: boolean }
}
interface Gpu {
  requestAdapter(): Promise<Adapter | null>
}

/** What stands behind WebGPU: many browsers have the interface and no GPU, or compute on the processor what was meant for one. */
async function findGpu(): Promise<'gpu' | 'processor' | 'nothing'> {
  const { gpu } = navigator as { gpu?: Gpu }
  const adapter = await gpu?.requestAdapter().catch(() => null)
  if (!adapter) return 'nothing'
  return adapter.isFallbackAdapter || adapter.info?.isFallbackAdapter ? 'processor' : 'gpu'
}

/** Takes the first provider that computes. Onnxruntime-web has two builds, and a worker can load one of them only. */
async function start({ providers, threads, files }: StartOptions): Promise<void> {
  const wanted = providers.flatMap((name) =>
    name === 'auto' ? ['webgpu', 'wasm'] : name === 'cpu' ? ['wasm'] : [name],
  )
  const found = wanted.includes('webgpu') ? await findGpu() : 'nothing'
  // Whoever names WebGPU gets it from a processor as well, which takes far longer than WebAssembly does.
  const isThere = found === 'gpu' || (found === 'processor' && providers.includes('webgpu'))
  const usable = wanted.filter((name) => name !== 'webgpu' || isThere)
  const provider = usable[0]
  if (provider === undefined)
    throw new OnnxError(
      'provider-missing',
      `this browser offers none of the execution providers ${wanted.join(', ')}; the option executionProviders ` +
        `knows wasm, webgpu and auto`,
    )
  ort.env.logLevel = 'fatal'
  ort.env.wasm.numThreads = threads
  ort.env.wasm.wasmPaths = provider === 'webgpu' ? files.gpu : files.processor
  ort.env.wasm.proxy = false
  const faults: string[] = []
  for (const name of usable) {
    const fault = await faultOf(ort, name)
    if (fault === undefined) {
      device = new PageDevice(ort, name)
      return tell({ kind: 'ready', provider: name })
    }
    faults.push(`${name}: ${fault}`)
  }
  const { mjs, wasm } = ort.env.wasm.wasmPaths
  throw new OnnxError(
    'runtime-missing',
    `onnxruntime-web does not compute here (${faults.join('; ')}). It was looked for at ${mjs} and ${wasm}; the option ` +
      `wasmPaths names another folder with the files of onnxruntime-web 1.30.`,
  )
}

async function execute(command: Command): Promise<void> {
  if (device === undefined) return
  switch (command.kind) {
    case 'write':
      return device.write(command.id, command.data)
    case 'build':
      return device.build(command.program, command.source)
    case 'run':
      return device.run(command.program, command.inputs, command.outputs)
    case 'free':
      return device.free(command.ids)
    case 'dispose':
      return device.disposeProgram(command.program)
    case 'read': {
      const { id, request } = command
      try {
        const data = await device.read(id)
        return tell({ kind: 'reply', reply: { request, data } }, [data.buffer as ArrayBuffer])
      } catch (error) {
        return tell({ kind: 'reply', reply: { request, error: packError(error) } })
      }
    }
    case 'close':
      return (globalThis as unknown as { close(): void }).close()
  }
}

async function carryOut(message: ToWorker): Promise<void> {
  if (message.kind === 'start') {
    await start(message.options).catch((error: unknown) => tell({ kind: 'failed', error: packError(error) }))
    return
  }
  // What a page waits for comes with the figures that are right by then.
  for (const command of message.commands) {
    if (command.kind === 'read' && device) tell({ kind: 'stats', stats: device.stats() })
    await execute(command)
  }
}

let before: Promise<void> = Promise.resolve()
scope.onmessage = ({ data }) => {
  before = before.then(() => carryOut(data))
}
