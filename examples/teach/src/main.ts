import './style.css'
import { selectEngine } from '@pilotjs/core'
import { registerSW } from 'virtual:pwa-register'
import type { Mode } from './backbones'
import { imageSources } from './sources'
import { openTeacher } from './teacher'
import type { Teacher } from './teacher'
import { find, showClasses, showPrediction, showStatus } from './view'

/** A classifier's file with a few icons, which `make-starter.mjs` made in Node. */
const starterUrl = new URL('starter.safetensors', document.baseURI).href

async function start(): Promise<void> {
  const { engine } = await selectEngine('auto')
  const teacher = await openTeacher(starterUrl)
  // What an engine does once is done now, and not when the first stroke is drawn.
  const blank = { width: 32, height: 32, data: new Uint8Array(32 * 32 * 3).fill(255) }
  await teacher.look(blank)
  run(teacher, engine)
  performance.mark('ready')
  // Keeps the page in the browser, so that it opens without a network; what that fetches does not delay what is seen.
  registerSW()
}

function run(teacher: Teacher, engine: string): void {
  const button = find<HTMLButtonElement>('#teach button')
  const name = find<HTMLInputElement>('#name')
  const ready = () => showStatus(`Ready. Computes here, on ${engine}.`)

  /** Looks at what there is; what changes meanwhile is looked at next. */
  let isLooking = false
  let again = false
  const look = async () => {
    again = true
    if (isLooking) return
    isLooking = true
    try {
      while (again) {
        again = false
        const image = sources.now()
        showPrediction(image === undefined ? undefined : await teacher.look(image))
        if (sources.kind === 'camera') {
          again = true
          await new Promise((resolve) => requestAnimationFrame(resolve))
        }
      }
    } catch (error) {
      complain(error)
    } finally {
      isLooking = false
    }
  }
  const sources = imageSources(() => void look())

  const complain = (error: unknown) => showStatus(error instanceof Error ? error.message : String(error), true)
  const refresh = () => {
    showClasses(teacher.classes, teacher.counts, (own) => void act('Forgetting', () => teacher.forget(own)))
    for (const input of document.querySelectorAll<HTMLInputElement>('[name=mode]'))
      input.checked = input.value === teacher.mode
    void look()
  }
  /** Does something that takes a moment, and says so. */
  const act = async (what: string, work: () => Promise<void>) => {
    button.disabled = true
    showStatus(`${what}…`)
    try {
      await work()
      ready()
    } catch (error) {
      complain(error)
    } finally {
      button.disabled = false
      refresh()
    }
  }

  find('#teach').addEventListener('submit', (event) => {
    event.preventDefault()
    void act('Learning', async () => {
      const images = await sources.several()
      if (images.length === 0) throw new Error('There is nothing to see yet: draw, choose files, or start the camera.')
      const began = performance.now()
      await teacher.teach(name.value.trim(), images)
      performance.measure('taught', { start: began })
      name.value = ''
      sources.done()
    })
  })
  find('#modes').addEventListener('change', (event) => {
    const { value } = event.target as HTMLInputElement
    void act(`Loading what it takes for ${value}`, () => teacher.enter(value as Mode))
  })
  find('#save').addEventListener('click', () => void act('Saving', async () => download(await teacher.file())))
  const load = find<HTMLInputElement>('#load')
  find('#open').addEventListener('click', () => load.click())
  load.addEventListener('change', () => {
    const [file] = load.files ?? []
    if (file) void act('Loading', () => teacher.open(file))
    load.value = ''
  })
  find('#reset').addEventListener('click', () => void act('Starting over', () => teacher.reset()))

  document.addEventListener('dragover', (event) => {
    event.preventDefault()
    document.body.classList.add('dragged')
  })
  document.addEventListener('dragleave', () => document.body.classList.remove('dragged'))
  document.addEventListener('drop', (event) => {
    event.preventDefault()
    document.body.classList.remove('dragged')
    const files = event.dataTransfer?.files
    if (files && files.length > 0) sources.take(files)
  })

  find<HTMLFieldSetElement>('#modes').disabled = false
  button.disabled = false
  refresh()
  ready()
}

function download(file: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = 'classifier.safetensors'
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

start().catch((error: unknown) => showStatus(error instanceof Error ? error.message : String(error), true))
