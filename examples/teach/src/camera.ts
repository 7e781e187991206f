/** The camera in a video element, running only while it is looked at. */
export interface Camera {
  start(): Promise<void>
  stop(): void
  readonly isRunning: boolean
}

/** @param onProblem told why there is no picture */
export function cameraIn(video: HTMLVideoElement, onProblem: (message: string) => void): Camera {
  let stream: MediaStream | undefined
  let wanted = false
  const stop = () => {
    wanted = false
    for (const track of stream?.getTracks() ?? []) track.stop()
    stream = undefined
    video.srcObject = null
  }
  return {
    get isRunning() {
      return stream !== undefined && video.videoWidth > 0
    },
    async start() {
      wanted = true
      try {
        if (!navigator.mediaDevices?.getUserMedia)
          throw new Error('this browser gives no camera to pages without https')
        const opened = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
        stream = opened
        // Another tab was chosen meanwhile.
        if (!wanted) return stop()
        video.srcObject = opened
        await video.play()
        onProblem('')
      } catch (error) {
        stop()
        onProblem(`No camera: ${error instanceof Error ? error.message : String(error)}`)
      }
    },
    stop,
  }
}
