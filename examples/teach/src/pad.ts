/** A pad to draw on with a pen, a finger or a mouse. */
export interface Pad {
  readonly isEmpty: boolean
  clear(): void
  /** What was drawn, as large as it goes on a white square: as icons are. */
  image(): HTMLCanvasElement
}

const white = '#fff'

/** @param onChange told after every stroke, and while one is drawn */
export function drawingPad(canvas: HTMLCanvasElement, onChange: () => void): Pad {
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  let isEmpty = true
  let last: { x: number; y: number } | undefined

  const clear = () => {
    context.fillStyle = white
    context.fillRect(0, 0, canvas.width, canvas.height)
    isEmpty = true
  }
  clear()
  context.lineWidth = canvas.width / 22
  context.lineCap = context.lineJoin = 'round'

  const at = ({ clientX, clientY }: PointerEvent) => {
    const box = canvas.getBoundingClientRect()
    // The square is as large as it fits into the element.
    const side = Math.min(box.width, box.height)
    return {
      x: ((clientX - box.left - (box.width - side) / 2) / side) * canvas.width,
      y: ((clientY - box.top - (box.height - side) / 2) / side) * canvas.height,
    }
  }
  const strokeTo = (event: PointerEvent) => {
    const to = at(event)
    context.beginPath()
    context.moveTo(last!.x, last!.y)
    context.lineTo(to.x, to.y)
    context.stroke()
    last = to
    isEmpty = false
    onChange()
  }
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return
    canvas.setPointerCapture(event.pointerId)
    last = at(event)
    strokeTo(event)
  })
  canvas.addEventListener('pointermove', (event) => {
    if (last) strokeTo(event)
  })
  for (const end of ['pointerup', 'pointercancel'] as const)
    canvas.addEventListener(end, () => {
      last = undefined
    })

  return {
    get isEmpty() {
      return isEmpty
    },
    clear() {
      clear()
      onChange()
    },
    image: () => filled(canvas, context),
  }
}

/** The drawing cut out with a small margin, on a square of its own. */
function filled(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D): HTMLCanvasElement {
  const { width, height } = canvas
  const { data } = context.getImageData(0, 0, width, height)
  let [left, top, right, bottom] = [width, height, 0, 0]
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (data[(y * width + x) * 4]! < 200) {
        left = Math.min(left, x)
        right = Math.max(right, x + 1)
        top = Math.min(top, y)
        bottom = Math.max(bottom, y + 1)
      }
  if (right <= left) [left, top, right, bottom] = [0, 0, width, height]
  const side = Math.max(right - left, bottom - top)
  const size = 256
  const scale = (size * 0.92) / side
  const square = Object.assign(document.createElement('canvas'), { width: size, height: size })
  const own = square.getContext('2d', { willReadFrequently: true })!
  own.fillStyle = white
  own.fillRect(0, 0, size, size)
  const [w, h] = [(right - left) * scale, (bottom - top) * scale]
  own.drawImage(canvas, left, top, right - left, bottom - top, (size - w) / 2, (size - h) / 2, w, h)
  return square
}
