"""Tiny pipelines of the real classes, with random weights and a byte-level tokenizer.

Each is built from its configuration and saved as published models are, so that the real loading
code reads it.
"""

from pathlib import Path

import diffusers
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from headshots.engine.diffusion.loading import PictureProcessor

torch.set_num_threads(1)  # layers this small wait for threads longer than they compute

MODEL_CARD = "---\nlicense: {licence}\n---\n# A tiny model\n"
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL_WORDS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)


def save_model(pipeline, folder: Path, *, licence: str = "apache-2.0") -> Path:
    """Save a pipeline as a published model is, with its card, and return the folder."""
    pipeline.save_pretrained(folder, safe_serialization=True)
    index = folder / "model_index.json"
    published = index.read_text().replace(
        '"headshots.engine.diffusion.loading",\n    "PictureProcessor"',
        '"transformers",\n    "Qwen2VLProcessor"',
    )
    index.write_text(published)
    (folder / "README.md").write_text(MODEL_CARD.format(licence=licence))
    return folder


def vocabulary() -> dict[str, int]:
    """Every byte as one token, then the special words."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    return {word: index for index, word in enumerate([*letters, *SPECIAL_WORDS])}


def build_tokenizer():
    """A tokenizer with one token a byte and the chat template of text encoders."""
    bare = Tokenizer(models.BPE(vocab=vocabulary(), merges=[]))
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    tokenizer = transformers.Qwen2TokenizerFast(
        tokenizer_object=bare,
        vocab=vocabulary(),
        merges=[],
        additional_special_tokens=list(SPECIAL_WORDS),
        model_max_length=512,
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def build_klein():
    """FLUX.2 [klein] with a text encoder of 28 layers, since the pipeline reads the 27th."""
    torch.manual_seed(0)
    config = transformers.Qwen3Config(
        vocab_size=320,
        hidden_size=8,
        intermediate_size=16,
        num_hidden_layers=28,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=4,
        max_position_embeddings=512,
    )
    return diffusers.Flux2KleinPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=diffusers.AutoencoderKLFlux2(
            block_out_channels=(8, 8, 8, 8),
            norm_num_groups=4,
            latent_channels=4,
            layers_per_block=1,
            sample_size=64,
        ),
        text_encoder=transformers.Qwen3ForCausalLM(config),
        tokenizer=build_tokenizer(),
        transformer=diffusers.Flux2Transformer2DModel(
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=24,
            axes_dims_rope=(4, 4, 4, 4),
            guidance_embeds=False,
        ),
        is_distilled=True,
    )


def build_sdxl():
    """Stable Diffusion XL inpainting: nine channels into the U-Net, two text encoders."""
    torch.manual_seed(0)
    text = transformers.CLIPTextConfig(
        vocab_size=320,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=77,
        projection_dim=16,
        bos_token_id=256,
        eos_token_id=257,
        pad_token_id=256,
    )
    return diffusers.StableDiffusionXLInpaintPipeline(
        vae=diffusers.AutoencoderKL(
            block_out_channels=(8, 8, 8, 8),
            norm_num_groups=4,
            latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            sample_size=64,
        ),
        text_encoder=transformers.CLIPTextModel(text),
        text_encoder_2=transformers.CLIPTextModelWithProjection(text),
        tokenizer=build_clip_tokenizer(),
        tokenizer_2=build_clip_tokenizer(),
        unet=diffusers.UNet2DConditionModel(
            in_channels=9,
            out_channels=4,
            block_out_channels=(8, 16),
            norm_num_groups=4,
            layers_per_block=1,
            sample_size=16,
            attention_head_dim=(2, 4),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            transformer_layers_per_block=(1, 1),
            cross_attention_dim=32,
            projection_class_embeddings_input_dim=16 + 6 * 8,
        ),
        scheduler=diffusers.EulerDiscreteScheduler(beta_schedule="scaled_linear"),
    )


def build_clip_tokenizer():
    """CLIP's tokenizer, over single letters."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [*letters, "<|startoftext|>", "<|endoftext|>", *(f"{letter}</w>" for letter in letters)]
    vocab = {word: index for index, word in enumerate(words[:320])}
    return transformers.CLIPTokenizerFast(vocab=vocab, merges=[], model_max_length=77)


def build_qwen():
    """Qwen-Image-Edit with its vision and language encoder."""
    torch.manual_seed(0)
    return diffusers.QwenImageEditPlusPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=diffusers.AutoencoderKLQwenImage(
            base_dim=2,
            z_dim=4,
            dim_mult=[1, 1, 1, 1],
            num_res_blocks=1,
            temperal_downsample=[False, True, True],
            latents_mean=[0.0] * 4,
            latents_std=[1.0] * 4,
        ),
        text_encoder=transformers.Qwen2_5_VLForConditionalGeneration(vision_language_config()),
        tokenizer=build_tokenizer(),
        processor=build_processor(),
        transformer=diffusers.QwenImageTransformer2DModel(
            patch_size=2,
            in_channels=16,
            out_channels=4,
            num_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=16,
            axes_dims_rope=(4, 6, 6),
        ),
    )


def vision_language_config():
    words = vocabulary()
    text = {
        "vocab_size": 320,
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "max_position_embeddings": 4096,
        "rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e4},
    }
    vision = {
        "depth": 1,
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_heads": 2,
        "out_hidden_size": 16,
        "patch_size": 14,
        "fullatt_block_indexes": [0],
    }
    return transformers.Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=words["<|image_pad|>"],
        video_token_id=words["<|video_pad|>"],
        vision_start_token_id=words["<|vision_start|>"],
        vision_end_token_id=words["<|vision_end|>"],
    )


def build_processor():
    return PictureProcessor(
        transformers.Qwen2VLImageProcessor(min_pixels=28**2, max_pixels=56**2),
        build_tokenizer(),
        chat_template=CHAT_TEMPLATE,
    )


BUILDERS = {"klein": build_klein, "sdxl": build_sdxl, "qwen": build_qwen}
LICENCES = {"klein": "apache-2.0", "sdxl": "openrail++", "qwen": "apache-2.0"}
