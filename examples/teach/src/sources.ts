import type { ClassifierImage } from '@pilotjs/classifier'
import { cameraIn } from './camera'
import { drawingPad } from './pad'
import { find } from './view'

const kinds = ['draw', 'camera', 'files'] as const
export type Kind = (typeof kinds)[number]

/** Where images come from: the tab that is chosen. */
export interface Sources {
  readonly kind: Kind
  choose(kind: Kind): void
  /** What there is to see now. */
  now(): ClassifierImage | undefined
  /** What a class is taught with: a drawing, a handful of camera pictures, all files. */
  several(): Promise<readonly ClassifierImage[]>
  /** Makes room for the next thing, once one is taught. */
  done(): void
  /** Takes files, and shows their tab. */
  take(files: Iterable<File>): void
}

/** Camera pictures a class is taught with at once, and the milliseconds between them. */
const [burst, pause] = [5, 120]

/** @param onChange told when there is something else to see */
export function imageSources(onChange: () => void): Sources {
  let kind: Kind = 'draw'
  let files: readonly File[] = []
  const pad = drawingPad(find<HTMLCanvasElement>('#pad'), onChange)
  const video = find<HTMLVideoElement>('#video')
  const camera = cameraIn(video, (problem) => {
    const place = find('#no-camera')
    place.textContent = problem
    place.hidden = problem === ''
    onChange()
  })
  find('#clear').addEventListener('click', pad.clear)

  function showFiles(): void {
    for (const image of document.querySelectorAll<HTMLImageElement>('#thumbnails img')) URL.revokeObjectURL(image.src)
    find('#thumbnails').replaceChildren(
      ...files.map((file) =>
        Object.assign(document.createElement('img'), { src: URL.createObjectURL(file), alt: file.name }),
      ),
    )
  }
  function choose(wanted: Kind): void {
    kind = wanted
    for (const each of kinds) {
      find(`#tab-${each}`).setAttribute('aria-selected', String(each === kind))
      find(`#panel-${each}`).hidden = each !== kind
    }
    if (kind === 'camera') void camera.start()
    else camera.stop()
    onChange()
  }
  function take(chosen: Iterable<File>): void {
    files = [...chosen].filter(({ type }) => type.startsWith('image/'))
    showFiles()
    choose('files')
  }
  for (const each of kinds) find(`#tab-${each}`).addEventListener('click', () => choose(each))
  const input = find<HTMLInputElement>('#files')
  input.addEventListener('change', () => {
    take(input.files ?? [])
    // The same files may be chosen again.
    input.value = ''
  })

  const now = (): ClassifierImage | undefined => {
    if (kind === 'draw') return pad.isEmpty ? undefined : pad.image()
    if (kind === 'camera') return camera.isRunning ? video : undefined
    return files.at(-1)
  }
  return {
    get kind() {
      return kind
    },
    choose,
    take,
    now,
    async several() {
      if (kind === 'files') return files
      const images: ClassifierImage[] = []
      for (let i = 0; i < (kind === 'camera' ? burst : 1); i++) {
        if (i > 0) await new Promise((resolve) => setTimeout(resolve, pause))
        const image = now()
        if (image !== undefined) images.push(image instanceof HTMLVideoElement ? await createImageBitmap(image) : image)
      }
      return images
    },
    done() {
      if (kind === 'draw') pad.clear()
      if (kind === 'files') {
        files = []
        showFiles()
        onChange()
      }
    },
  }
}
