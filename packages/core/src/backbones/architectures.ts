import type { Architecture } from './architecture'
import { convNext } from './convnext'
import { efficientNet } from './efficientnet'
import { resnet } from './resnet/resnet-architecture'
import { vit } from './vit/vit-architecture'

/** Every family of networks that is known: a new one is an entry here. */
export const architectures: readonly Architecture[] = [vit, resnet, efficientNet, convNext]
