import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeSafetensors } from '@pilotjs/core/safetensors'
import { tensor } from '@tensorflow/tfjs-core'
import { readArrays } from './recorded-arrays'
import type { RecordedArrays } from './recorded-arrays'
import { listCases, readCase } from './golden-case'

/** How many tasks a reduced case has. */
const taskCount = 2

async function writeArrays(file: string, arrays: RecordedArrays): Promise<void> {
  const tensors = Object.entries(arrays).map(
    ([name, { shape, values }]) =>
      [name, tensor(values, [...shape], values instanceof Float32Array ? 'float32' : 'int32')] as const,
  )
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, await writeSafetensors(Object.fromEntries(tensors)))
  tensors.forEach(([, own]) => own.dispose())
}

/** The first rows of a table, and any single ones. */
function rows({ shape, values }: RecordedArrays[string], picked: readonly number[]): RecordedArrays[string] {
  const size = values.length / shape[0]!
  const taken =
    values instanceof Float32Array ? new Float32Array(picked.length * size) : new Int32Array(picked.length * size)
  picked.forEach((row, i) => taken.set(values.subarray(row * size, (row + 1) * size), i * size))
  return { shape: [picked.length, ...shape.slice(1)], values: taken }
}

/** Writes reduced copies, in the same form: fewer tasks, the images of those, and of long states the first and last block. */
export async function reduceGolden(golden: string, target: string, added: readonly string[] = []): Promise<void> {
  // Per method the smallest cases in which a mistake shows were picked by hand: those that are here, and the added ones.
  const cases = [...new Set([...(existsSync(target) ? listCases(target) : []), ...added])].sort()
  if (added.length === 0) rmSync(target, { recursive: true, force: true })
  const shared = new Map<string, number>()
  for (const id of cases) {
    const { folder, data, backbone, vit, tasks } = readCase(golden, id)
    const raw = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as { tasks: { files: string[] }[] }
    raw.tasks.length = taskCount
    for (const [index, task] of raw.tasks.entries()) {
      task.files = task.files.filter((kind) => /^(start|end|eval|random|.*_start)$/.test(kind))
      for (const kind of task.files) {
        const name = `task${index}.${kind}.safetensors`
        const all = Object.entries(await readArrays(join(folder, name)))
        const inner = new RegExp(`blocks\\.(?!0\\.|${vit.depth - 1}\\.)\\d+\\.(norm|attn|mlp)`)
        const kept = all.filter(([key]) => all.length < 60 || key.includes('ssf') || !inner.test(key))
        await writeArrays(join(target, id, name), Object.fromEntries(kept.filter(([key]) => !/topk$/.test(key))))
      }
      const record = JSON.parse(readFileSync(join(folder, `task${index}.json`), 'utf8')) as Readonly<
        Record<'herding' | 'reweighting', readonly Readonly<Record<string, unknown>>[] | undefined>
      >
      const { herding } = record
      const reweighting = record.reweighting?.map(({ ratio_kd }) => ({ ratio_kd }))
      if (herding) writeFileSync(join(target, id, `task${index}.json`), JSON.stringify({ herding, reweighting }))
    }
    const { loader } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as { loader?: string }
    if (loader) writeFileSync(join(target, id, 'config.json'), JSON.stringify({ loader }))
    writeFileSync(join(target, id, 'case.json'), JSON.stringify(raw))
    const classes = tasks.slice(0, taskCount).reduce((sum, task) => sum + task.classes, 0)
    shared.set(data, Math.max(shared.get(data) ?? 0, classes))
    shared.set(backbone, 0)
  }
  for (const [name, classes] of shared) {
    const arrays = await readArrays(join(golden, name))
    const labels = arrays.train_y
    if (!labels) {
      await writeArrays(join(target, name), arrays)
      continue
    }
    // The last image stays, so that the data still tell how many classes the whole stream has.
    const seen = (split: 'train' | 'test') =>
      Array.from(arrays[`${split}_y`]!.values.keys()).filter((row) => arrays[`${split}_y`]!.values[row]! < classes)
    const train = [...seen('train'), labels.values.length - 1]
    await writeArrays(join(target, name), {
      train_x: rows(arrays.train_x!, train),
      train_y: rows(labels, train),
      test_x: rows(arrays.test_x!, seen('test')),
      test_y: rows(arrays.test_y!, seen('test')),
    })
  }
}
