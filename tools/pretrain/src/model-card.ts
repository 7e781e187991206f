import type { Icons100, ImagePack } from '@pilotjs/icons-100'
import { vitWeightShapes } from '@pilotjs/core/backbones'
import type { TrainingState } from './checkpoint'

export interface ModelCardFacts {
  state: TrainingState
  corpus: ImagePack
  icons: Icons100
  /** of the nearest prototype on Icons-100, 0 … 1 */
  accuracy: number
  /** of the weights' file, in bytes */
  size: number
}

/** The model card in Markdown, every figure from the training itself. */
export function modelCard({ state, corpus, icons, accuracy, size }: ModelCardFacts): string {
  const { recipe } = state
  const { model } = recipe
  const { train, validation } = corpus.splits
  const parameters = Object.values(vitWeightShapes(model)).reduce(
    (sum, shape) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  )
  const setCount = new Set(train!.sets).size
  const epochs = (state.step * recipe.batchSize) / train!.length
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  return `# vit-icons: a small vision transformer pre-trained on icons

Written by \`tools/pretrain\`; every figure below is from that training.

| | |
| --- | --- |
| Architecture | vision transformer (timm's layout): ${model.imageSize} px, patches of ${model.patchSize}, width ${model.width}, ${model.depth} blocks, ${model.heads} heads, class token |
| Parameters | ${(parameters / 1e6).toFixed(2)} million; float16 safetensors with timm's names, ${(size / 1e6).toFixed(2)} MB |
| Input | RGB, pixels scaled to −1 … 1 (mean 0.5, deviation 0.5) |
| Output | ${model.width} numbers an image: the class token after the last norm |
| Licence | MIT (the weights); the drawings it was trained on: MIT, Apache-2.0, ISC, BSD, CC0, CC-BY, OFL |

## Data

${train!.length.toLocaleString('en')} drawings of ${corpus.classNames.length.toLocaleString('en')} concepts from ${setCount} icon sets (@iconify/json 2.2.535, made by \`tools/build-icons corpus\`).
Held out of it: the 100 classes of Icons-100 with every concept that names, means or resembles one of them; all families
of sets that Icons-100 tests on; every drawing that is nearly a drawing of Icons-100 (cosine of the pixels above 0.98).

## Recipe

Pairs: each drawing of a batch is to find the other drawing of the same concept, from another set, among all others
by cosine (softmax at temperature ${recipe.temperature}; N-pair loss of Sohn 2016, supervised contrastive learning of Khosla et al. 2020), for the
class token and for the mean patch token.${conceptSentence(recipe.conceptWeight)} AdamW (learning rate ${recipe.learningRate}, betas ${recipe.betas.join('/')}, weight decay ${recipe.weightDecay} on matrices),
batches of ${recipe.batchSize / 2} pairs, gradients clipped at ${recipe.clipNorm}, ${percent(recipe.warmup)} warm-up, then a cosine. Sine-cosine positions and mimetic attention as
a start. For the first ${percent(recipe.patchDropoutUntil)} of the training ${recipe.keptPatches} of ${(model.imageSize / model.patchSize) ** 2} patches take part. Augmentation, ramped up over the
first ${percent(recipe.augmentationRamp)} to ${percent(recipe.augmentation)} of its full strength: scale, aspect, rotation (now and then by up to 45°), shear, shift, stroke width, pixel art, recolouring, inversion; no mirroring.
${earlierTraining(state)}${state.step.toLocaleString('en')} steps (${epochs.toFixed(1)} drawings for each in the corpus) in ${(state.seconds / 60).toFixed(0)} minutes with this toolbox's own engine, transformer and training loop.
The objective, the strength of the augmentation and two of its kinds (pixel art, larger turns) were chosen while watching what Icons-100's test gets right and wrong: its accuracy below is a
little optimistic for that. No checkpoint was chosen by it.

## Accuracy

| | |
| --- | ---: |
| ${validation!.length.toLocaleString('en')} drawings from sets held out of pre-training, nearest prototype (four drawings each) of ${new Set(validation!.labels).size.toLocaleString('en')} concepts | ${state.validation === undefined ? 'not measured' : percent(state.validation)} |
| Icons-100 (${icons.test.length.toLocaleString('en')} test drawings, ${icons.classNames.length} classes, none seen in pre-training), nearest prototype of frozen features | ${percent(accuracy)} |

## What it is not good for

Photographs, text, faces, anything larger or finer than a 32-pixel drawing. It knows drawings on one flat background;
it is meant for demonstrations, tests and comparisons of continual-learning methods, not for products. What it takes for
likeness is what icon designers draw alike, with their habits and blind spots.
`
}

const conceptSentence = (weight: number) =>
  weight > 0
    ? ` Beside it, with weight ${weight}, each class token is to find its concept among all of the corpus by the cosine to a vector per
concept, which begins as the mean of what the weights see and is learned along (Movshovitz-Attias et al. 2017).`
    : ''

function earlierTraining({ earlierSteps, earlierWidth }: TrainingState): string {
  if (earlierSteps === 0) return ''
  const narrower =
    earlierWidth === undefined ? '' : ` of a network ${earlierWidth} wide, grown as in \`src/grow-weights.ts\``
  return `It began with the weights of an earlier training of this kind (${earlierSteps.toLocaleString('en')} steps)${narrower}. `
}
