"""The rows of bench/main.ts in PyTorch (2.4 or newer) on the CPU.

    python bench/torch.py [--threads N] [--rows TEXT,...] [--row NAME] [--seconds N] [--batch N] [--json]
"""

import argparse
import json
import sys
import time

# This file's folder holds nothing that Python should import.
sys.path.pop(0)

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

BOTTLENECK = 64
CLASSES = 10


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)
        self.down = nn.Linear(width, BOTTLENECK)
        self.up = nn.Linear(BOTTLENECK, width)

    def forward(self, x, adapters):
        batch, length, width = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(batch, length, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = F.scaled_dot_product_attention(q, k, v)
        x = x + self.proj(mixed.transpose(1, 2).reshape(batch, length, width))
        y = self.fc2(F.gelu(self.fc1(self.norm2(x))))
        if adapters:
            y = y + 0.1 * self.up(F.relu(self.down(x)))
        return x + y


class Vit(nn.Module):
    def __init__(self, width, blocks, heads, patch, pixels):
        super().__init__()
        self.tokens = (pixels // patch) ** 2
        self.inputs = patch * patch * 3
        self.embed = nn.Linear(self.inputs, width)
        self.positions = nn.Parameter(torch.randn(1, self.tokens, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, CLASSES)

    def features(self, images, adapters):
        x = self.embed(images) + self.positions
        for block in self.blocks:
            x = block(x, adapters)
        return self.norm(x[:, 0])

    def logits(self, images):
        return self.head(self.features(images, True))


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.skip = None
        if stride != 1:
            self.skip = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(y + (x if self.skip is None else self.skip(x)))


class Resnet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU())
        widths = [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)]
        self.stages = nn.Sequential(
            *(layer for i, o, stride in widths for layer in (Residual(i, o, stride), Residual(o, o, 1)))
        )
        self.head = nn.Linear(512, CLASSES, bias=False)

    def forward(self, images):
        return self.head(self.stages(self.stem(images)).mean((2, 3)))


def measure(step, seconds):
    runs, warm = 0, time.perf_counter() + seconds / 2
    while runs < 2 or time.perf_counter() < warm:
        step()
        runs += 1
    wall, cpu = [], []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(wall) < 3:
        start, used = time.perf_counter(), time.process_time()
        step()
        wall.append((time.perf_counter() - start) * 1000)
        cpu.append((time.process_time() - used) * 1000)
    middle = lambda values: sorted(values)[len(values) // 2]
    return {"min": min(wall), "median": middle(wall), "cpu": middle(cpu), "samples": len(wall)}


def training_step(logits, parameters, images):
    optimizer = torch.optim.Adam(parameters, lr=1e-3)
    labels = torch.arange(images.shape[0]) % CLASSES

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(logits(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--rows", default="")
    parser.add_argument("--row")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    rows = []

    def run(row, batch, make):
        if options.row and row != options.row:
            return
        if options.rows and not any(part in row for part in options.rows.split(",")):
            return
        batch = options.batch or batch
        timing = measure(make(batch), options.seconds)
        for name in ("min", "median", "cpu"):
            timing[name] /= batch
        rows.append({"row": row, "engine": f"torch {torch.__version__}", "batch": batch, **timing})
        if not options.json:
            figures = "  ".join(f"{name} {timing[name]:.2f}" for name in ("min", "median", "cpu"))
            print(f"{row:44} torch {torch.__version__:12} {figures} ms/image ({timing['samples']})", flush=True)

    def forward(size):
        def make(batch):
            model = Vit(*size).eval()
            images = torch.randn(batch, model.tokens, model.inputs)

            def step():
                with torch.inference_mode():
                    return model.features(images, False)

            return step

        return make

    def adapters(size):
        def make(batch):
            model = Vit(*size)
            for name, parameter in model.named_parameters():
                parameter.requires_grad = "down" in name or "up" in name or name.startswith("head")
            images = torch.randn(batch, model.tokens, model.inputs)
            return training_step(model.logits, [p for p in model.parameters() if p.requires_grad], images)

        return make

    def resnet(batch):
        model = Resnet18()
        return training_step(model, model.parameters(), torch.randn(batch, 3, 32, 32))

    base = (768, 12, 12, 16, 224)
    tiny = (192, 12, 3, 16, 224)
    small = (192, 6, 3, 4, 32)
    run("ViT-B/16, 224 px: forward", 4, forward(base))
    run("ViT-tiny, 224 px: forward", 8, forward(tiny))
    run("ViT 192×6, 32 px: forward", 64, forward(small))
    run("ViT-B/16, 224 px: adapter training step", 8, adapters(base))
    run("ViT-tiny, 224 px: adapter training step", 16, adapters(tiny))
    run("ViT 192×6, 32 px: adapter training step", 64, adapters(small))
    run("ResNet-18, 32 px: training step", 64, resnet)
    if options.json:
        print(json.dumps({"threads": torch.get_num_threads(), "torch": torch.__version__, "rows": rows}, indent=2))


main()
