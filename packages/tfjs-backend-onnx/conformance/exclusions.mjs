/** Specs of tfjs that need not pass here, by a part of their name, each group with its reason. */
export const exclusions = [
  {
    specs: ['exp int32', 'tan numbers exceed float32 precision'],
    reason:
      'They ask for 0.001 where neighbouring float32 numbers are 0.002 apart. The CPU backend computes in float64 and ' +
      'rounds to the nearest; ONNX Runtime computes in float32 and is off by one unit in the last place.',
  },
]
