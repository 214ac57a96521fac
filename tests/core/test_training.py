"""The training loop: it learns, it stops, and it resumes to the bit."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")

from neurostudio.errors import BadInput  # noqa: E402
from neurostudio.method import Cancelled  # noqa: E402
from neurostudio.testing import ListContext  # noqa: E402
from neurostudio.training import Recipe, batches, hash_of_weights, seed_of, train  # noqa: E402


def network():
    torch.manual_seed(3)
    return torch.nn.Sequential(
        torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 2)
    )


def two_clouds():
    generator = torch.Generator().manual_seed(1)
    labels = torch.arange(64) % 2
    return torch.randn(64, 4, generator=generator) + labels[:, None] * 1.5, labels


def loss(model, batch):
    return torch.nn.functional.cross_entropy(model(batch[0]), batch[1])


def learn(context, model, **changes):
    x, y = two_clouds()
    recipe = Recipe(**({"epochs": 6, "learning_rate": 1e-2} | changes))

    def validate(trained):
        return {"score": float((trained(x).argmax(1) == y).float().mean())}

    return train(
        context, model, batches(x, y, size=16), loss, recipe, steps_per_epoch=4, validate=validate
    )


def test_a_network_learns_to_tell_two_clouds_apart():
    history = learn(ListContext(), network(), epochs=20)
    assert history.best_score > 0.9
    assert history.epochs[-1]["train_loss"] < history.epochs[0]["train_loss"]


def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    def weights(seed):
        model = network()
        learn(ListContext(seed=seed), model)
        return hash_of_weights(model.state_dict())

    assert weights(1) == weights(1) != weights(2)


@pytest.mark.parametrize("stop_after", [1, 9, 14, 22])
def test_a_stopped_and_resumed_training_equals_an_uninterrupted_one(
    tmp_path, monkeypatch, stop_after
):
    monkeypatch.setattr("neurostudio.training._SAVE_INTERVAL", 0.0)
    whole = network()
    expected = learn(ListContext(), whole)

    (tmp_path / "checkpoints").mkdir()
    asked = iter(range(1000))
    stopping = ListContext(folder=tmp_path, stopped=lambda: next(asked) >= stop_after)
    with pytest.raises(Cancelled):
        learn(stopping, network())
    resumed = network()
    found = learn(ListContext(folder=tmp_path), resumed)

    assert found.epochs == expected.epochs
    for name, value in whole.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), resumed.state_dict()[name].numpy())


def test_a_finished_training_is_not_repeated(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    first = network()
    learn(ListContext(folder=tmp_path), first)
    again, context = network(), ListContext(folder=tmp_path)
    learn(context, again)
    assert hash_of_weights(again.state_dict()) == hash_of_weights(first.state_dict())
    assert context.of_kind("metrics") == []


def test_a_checkpoint_of_another_recipe_is_left_alone(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    learn(ListContext(folder=tmp_path), network())
    context = ListContext(folder=tmp_path)
    learn(context, network(), learning_rate=2e-2)
    assert len(context.of_kind("metrics")) == 6


def test_nothing_is_written_outside_of_a_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    learn(ListContext(), network())
    assert list(tmp_path.iterdir()) == []


def test_patience_ends_a_training_that_no_longer_improves_and_keeps_its_best_epoch():
    scores = iter([0.5, 0.9, 0.8, 0.7, 0.6, 0.5])
    kept = []
    x, y = two_clouds()

    def validate(model):
        kept.append(hash_of_weights(model.state_dict()))
        return {"score": next(scores)}

    model = network()
    history = train(
        ListContext(),
        model,
        batches(x, y, size=16),
        loss,
        Recipe(epochs=6, patience=2),
        steps_per_epoch=4,
        validate=validate,
    )
    assert len(history.epochs) == 4
    assert history.best_epoch == 1
    assert hash_of_weights(model.state_dict()) == kept[1].replace("_forward_module.", "")


def test_steps_limit_the_updates():
    assert learn(ListContext(), network(), steps=10).steps == 10


def test_the_rate_follows_a_cosine_to_zero():
    rates = learn(ListContext(), network(), epochs=4).column("learning_rate")
    np.testing.assert_allclose(
        rates, 1e-2 * 0.5 * (1 + np.cos(np.pi * np.arange(1, 5) / 4)), atol=1e-12
    )


def test_a_loss_that_explodes_is_named_with_the_rate():
    x, y = two_clouds()
    with pytest.raises(BadInput, match="Lower the learning rate"):
        train(
            ListContext(),
            network(),
            batches(x * float("nan"), y, size=16),
            loss,
            Recipe(epochs=1),
            steps_per_epoch=4,
        )


def test_metrics_carry_epoch_and_series():
    context = ListContext()
    x, y = two_clouds()
    train(
        context, network(), batches(x, y, size=16), loss, Recipe(epochs=2), steps_per_epoch=4,
        series={"fold": "1"},
    )  # fmt: skip
    values = [event["values"] for event in context.of_kind("metrics")]
    assert [each["epoch"] for each in values] == [1, 2]
    assert {each["fold"] for each in values} == {"1"}


def test_seeds_differ_by_every_part():
    assert (
        len({seed_of(0, "a", 1), seed_of(1, "a", 1), seed_of(0, "b", 1), seed_of(0, "a", 2)}) == 4
    )


def test_a_lars_step_is_that_written_out_by_hand():
    from neurostudio.learning.lars import Lars

    weight = torch.nn.Parameter(torch.tensor([[3.0, 4.0]]))  # norm 5
    bias = torch.nn.Parameter(torch.tensor([1.0]))
    groups = [
        {"params": [weight], "lr": 0.2, "weight_decay": 0.1},
        {"params": [bias], "lr": 0.5, "weight_decay": 0.0, "adapted": False},
    ]
    optimiser = Lars(groups, lr=1.0)
    for step in (1, 2):
        before = weight.detach().clone()
        weight.grad, bias.grad = torch.tensor([[0.0, 2.0]]), torch.tensor([0.4])
        optimiser.step()
        gradient = torch.tensor([[0.0, 2.0]]) + 0.1 * before
        scaled = 0.001 * before.norm() / gradient.norm() * gradient
        velocity = scaled if step == 1 else 0.9 * velocity + scaled  # noqa: F821
        torch.testing.assert_close(weight.detach(), before - 0.2 * velocity)
    assert bias.item() == pytest.approx(1 - 0.5 * 0.4 - 0.5 * (0.9 * 0.4 + 0.4))


def test_the_rate_rises_and_then_falls_to_its_floor():
    history = learn(ListContext(), network(), epochs=6, warm_up=2, floor=0.1, optimiser="lars")
    rates = history.column("learning_rate")
    # after 4, 8, 12 … of 24 steps: the next step's share of the rise over 8 steps, then the cosine
    wanted = [5 / 8, 1.0, *(0.1 + 0.45 * (1 + np.cos(np.pi * k / 4)) for k in (1, 2, 3, 4))]
    assert rates == pytest.approx([1e-2 * each for each in wanted])
