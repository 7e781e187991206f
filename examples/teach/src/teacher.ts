import { createClassifier, loadClassifier } from '@pilotjs/classifier'
import type { Classifier, ClassifierImage, Prediction } from '@pilotjs/classifier'
import { del, get, set } from 'idb-keyval'
import type { Mode } from './backbones'
import { backboneFor, backboneNamed, modeOf } from './backbones'

/** One classifier a mode, kept in the browser after every change. */
export interface Teacher {
  readonly mode: Mode
  readonly classes: readonly string[]
  /** Images that each class has had. */
  readonly counts: Readonly<Record<string, number>>
  /** Takes up another mode's classifier. */
  enter(mode: Mode): Promise<void>
  teach(name: string, images: readonly ClassifierImage[]): Promise<void>
  forget(name: string): Promise<void>
  /** Undefined while it knows nothing. */
  look(image: ClassifierImage): Promise<Prediction | undefined>
  /** The classifier as a file, for `loadClassifier` here and in Node, and for `pilot predict`. */
  file(): Promise<Blob>
  /** Goes on with a classifier's file, whichever mode it is of. */
  open(file: Blob): Promise<void>
  /** Back to the beginning. */
  reset(): Promise<void>
}

/** @param starterUrl a classifier's file that drawings begin with */
export async function openTeacher(starterUrl: string): Promise<Teacher> {
  let mode: Mode = 'drawings'
  let classifier = await begin(mode)

  async function begin(wanted: Mode): Promise<Classifier> {
    const backbone = await backboneFor(wanted)
    const kept = await get<Uint8Array<ArrayBuffer>>(wanted)
    if (kept) {
      // What an older page kept may be of a backbone that is no more.
      const found = await loadClassifier(kept, { backbones: [backbone] }).catch(() => undefined)
      if (found) return found
    }
    return wanted === 'drawings'
      ? loadClassifier(starterUrl, { backbones: [backbone] })
      : createClassifier({ backbone })
  }
  const replace = (next: Classifier) => {
    classifier.dispose()
    classifier = next
  }
  const keep = async () => set(mode, await classifier.save())

  return {
    get mode() {
      return mode
    },
    get classes() {
      return classifier.classes
    },
    get counts() {
      return classifier.counts
    },
    async enter(wanted) {
      replace(await begin(wanted))
      mode = wanted
    },
    async teach(name, images) {
      await classifier.learn({ [name]: images })
      await keep()
    },
    async forget(name) {
      await classifier.removeClass(name)
      await keep()
    },
    look: async (image) => (classifier.classes.length === 0 ? undefined : classifier.predict(image)),
    file: async () => new Blob([await classifier.save()], { type: 'application/octet-stream' }),
    async open(file) {
      const next = await loadClassifier(file, { backbones: backboneNamed })
      replace(next)
      mode = modeOf(next.backbone)
      await keep()
    },
    async reset() {
      await del(mode)
      replace(await begin(mode))
    },
  }
}
