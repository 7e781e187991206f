import { subset } from '@pilotjs/data'
import type { ImageSource } from '@pilotjs/data'
import icons100, { loadIcons100 as loadAll } from '@pilotjs/icons-100'
import type { Icons100 } from '@pilotjs/icons-100'

// What programs in READMEs get in place of Icons-100: itself, with six images of each class. All of it takes a minute of
// computing.
export * from '@pilotjs/icons-100'

const perClass = 6

/** The first images of every class. */
function few(source: ImageSource): ImageSource {
  const seen = new Map<number, number>()
  const kept = Array.from(source.labels, (label, i) => {
    const before = seen.get(label) ?? 0
    seen.set(label, before + 1)
    return before < perClass ? i : -1
  })
  return subset(
    source,
    kept.filter((i) => i >= 0),
  )
}

export async function loadIcons100(url?: URL | string): Promise<Icons100> {
  const all = await loadAll(url)
  return { ...all, train: few(all.train), test: few(all.test) }
}

export default { ...icons100, load: () => loadIcons100() }
