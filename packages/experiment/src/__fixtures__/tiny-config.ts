/** The config of a run over `tinyStream()`. */
export const tinyConfig = {
  method: 'tiny',
  data: { name: 'tiny-images' },
  backbone: 'pixels',
  stream: { baseClasses: 2, increment: 2 },
  seed: 11,
  engine: 'cpu',
}
