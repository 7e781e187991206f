export { finetune, finetune as default } from './finetune'
