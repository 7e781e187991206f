import { open } from 'node:fs/promises'

/** What a file is, by its first bytes; the name says little. */
export type FileKind =
  | 'safetensors'
  | 'pytorch'
  | 'npz'
  | 'zip'
  | 'hdf5'
  | 'onnx'
  | 'gguf'
  | 'gzip'
  | 'lfs-pointer'
  | 'web-page'
  | 'json'
  | 'unknown'

const longestHeader = 100_000_000n
const starts = (bytes: Uint8Array, text: string) =>
  Buffer.from(bytes.subarray(0, text.length)).toString('latin1') === text

/** @param start the first kilobyte or so of a file */
export function recogniseBytes(start: Uint8Array): FileKind {
  if (starts(start, 'PK\x03\x04') || starts(start, 'PK\x05\x06')) return zipKind(start)
  // A pickle of protocol 2 or later, as torch wrote before 1.6.
  if (start[0] === 0x80 && start[1]! >= 2 && start[1]! <= 5) return 'pytorch'
  if (starts(start, '\x89HDF\r\n\x1a\n')) return 'hdf5'
  if (starts(start, 'GGUF')) return 'gguf'
  if (starts(start, '\x1f\x8b')) return 'gzip'
  if (starts(start, 'version https://git-lfs')) return 'lfs-pointer'
  const text = Buffer.from(start).toString('latin1').trimStart().toLowerCase()
  if (/^(<!doctype html|<html|<\?xml|<head|<!--)/.test(text)) return 'web-page'
  if (start.length >= 9 && start[8] === 0x7b) {
    const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true)
    if (length <= longestHeader) return 'safetensors'
  }
  if (text.startsWith('{')) return 'json'
  // A protocol buffer whose first field is a small version number, and whose producer is named.
  if (start[0] === 0x08 && start[1]! < 32 && /pytorch|onnx|tf2onnx|keras/.test(text)) return 'onnx'
  return 'unknown'
}

/** The first name in a zip archive tells torch's (`…/data.pkl`) from numpy's (`….npy`). */
function zipKind(start: Uint8Array): FileKind {
  if (start.length < 30) return 'zip'
  const length = start[26]! + 256 * start[27]!
  const name = Buffer.from(start.subarray(30, 30 + length)).toString('latin1')
  if (name.endsWith('.npy')) return 'npz'
  return /(^|\/)(data\.pkl|byteorder|version|\.format_version|\.storage_alignment|constants\.pkl|data\/\d+)$/.test(name)
    ? 'pytorch'
    : 'zip'
}

export async function recogniseFile(path: string): Promise<FileKind> {
  const file = await open(path, 'r')
  try {
    const start = new Uint8Array(1024)
    const { bytesRead } = await file.read(start, 0, start.length, 0)
    return recogniseBytes(start.subarray(0, bytesRead))
  } finally {
    await file.close()
  }
}

const convert = (load: string) =>
  `Convert it once, in Python: import torch, safetensors.torch as s; w = ${load}; w = w.get("state_dict", w.get("model", w)); ` +
  's.save_file({k: v.contiguous() for k, v in w.items()}, "model.safetensors")'

/** What to do about a file that is no safetensors; undefined for one that is. */
export function remedyFor(kind: FileKind, path: string): string | undefined {
  const quoted = JSON.stringify(path)
  const remedies: Readonly<Record<FileKind, string | undefined>> = {
    safetensors: undefined,
    pytorch:
      'it is a PyTorch file (a pickle, which can run code when it is read). ' +
      convert(`torch.load(${quoted}, map_location="cpu", weights_only=True)`),
    npz:
      'it is a NumPy archive, as Google publishes its ViTs. Let timm read it, and save what it has made of it, in Python: ' +
      `import timm, safetensors.torch as s; m = timm.create_model("vit_base_patch16_224", num_classes=0); m.load_pretrained(${quoted}); ` +
      's.save_file(m.state_dict(), "model.safetensors")',
    zip: 'it is a zip archive: unpack it, and give the .safetensors file that is in it',
    hdf5: 'it is an HDF5 file, as Keras writes; there is no reader for it here. Take the model’s PyTorch or safetensors weights',
    onnx: 'it is an ONNX model, a program rather than named weights. Take the model’s PyTorch or safetensors weights',
    gguf: 'it is a GGUF file, whose numbers are quantized. Take the model’s PyTorch or safetensors weights',
    gzip: 'it is compressed (gzip): unpack it first',
    'lfs-pointer':
      'it is a Git LFS pointer, not the file it points to: run "git lfs pull" in its repository, or download the file itself',
    'web-page':
      'it is a web page: a sign-in page, or the page about the file. On the Hub, take the address with /resolve/ in place of /blob/',
    json: 'it is JSON, not weights; the file beside it may be meant',
    unknown: 'it is no safetensors file, nor anything else that is known here',
  }
  return remedies[kind]
}
