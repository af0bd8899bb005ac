{%- set famille = ['methode', 'vague', 'vague_precedente', 'perimetre_type', 'perimetre', 'axe'] -%}
with estimation as (
    select * from {{ ref('int_estimation') }}
),

couples as (
    select * from {{ ref('int_couples') }}
),

comparabilite as (
    select * from {{ ref('int_comparabilite') }}
),

segments as (
    select *
    from {{ ref('stg_segments') }}
    where segment <> 'NR'
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

secret as (
    select * from {{ ref('int_secret') }}
),

exclues as (
    select * from {{ ref('int_exclusions') }}
),

inegales as (
    select * from {{ ref('int_exclusions_inegales') }}
),

cellules as (
    select
        couples.methode,
        couples.vague,
        couples.vague_precedente,
        couples.perimetre_type,
        couples.perimetre,
        couples.ensemble,
        couples.ensemble_precedent,
        segments.axe,
        segments.segment,
        comparabilite.question_code,
        comparabilite.posee,
        comparabilite.posee_avant,
        comparabilite.nouvelle,
        comparabilite.rupture,
        couples.meme_bareme,
        couples.meme_mode,
        couples.meme_institut,
        inegales.question_code is null as memes_organismes,
        exclue.motif as exclusion,
        exclue_avant.motif as exclusion_precedente,
        actuelle.nb_organismes,
        actuelle.base_brute,
        actuelle.part_dominante,
        -- l'écart est celui des chiffres que le programme imprime
        actuelle.note_imprimee as note_moyenne,
        actuelle.note_imprimee_erreur_type as note_erreur_type,
        actuelle.taux_imprime as taux_satisfaits,
        actuelle.taux_imprime_erreur_type as taux_erreur_type,
        -- deux vagues font un plan dont les strates s'ajoutent ; la constante du modèle en retire un, comme svyttest
        greatest(actuelle.ddl + precedente.ddl - 1, 1) as ddl,
        precedente.nb_organismes as nb_organismes_precedent,
        precedente.base_brute as base_brute_precedente,
        precedente.part_dominante as part_dominante_precedente,
        precedente.note_imprimee as note_precedente,
        precedente.note_imprimee_erreur_type as note_erreur_type_precedente,
        precedente.taux_imprime as taux_precedent,
        precedente.taux_imprime_erreur_type as taux_erreur_type_precedente
    from couples
    cross join segments
    inner join comparabilite
        on
            couples.vague = comparabilite.vague
            and couples.vague_precedente = comparabilite.vague_precedente
    left join estimation as actuelle
        on
            couples.vague = actuelle.vague
            and couples.ensemble = actuelle.ensemble
            and segments.axe = actuelle.axe
            and segments.segment = actuelle.segment
            and comparabilite.question_code = actuelle.question_code
    left join estimation as precedente
        on
            couples.vague_precedente = precedente.vague
            and couples.ensemble_precedent = precedente.ensemble
            and segments.axe = precedente.axe
            and segments.segment = precedente.segment
            and comparabilite.question_code = precedente.question_code
    left join inegales
        on
            couples.methode = inegales.methode
            and couples.vague = inegales.vague
            and couples.vague_precedente = inegales.vague_precedente
            and couples.perimetre_type = inegales.perimetre_type
            and couples.perimetre = inegales.perimetre
            and comparabilite.question_code = inegales.question_code
    left join exclues as exclue
        on
            couples.vague = exclue.vague
            and couples.ensemble = exclue.ensemble
            and comparabilite.question_code = exclue.question_code
    left join exclues as exclue_avant
        on
            couples.vague_precedente = exclue_avant.vague
            and couples.ensemble_precedent = exclue_avant.ensemble
            and comparabilite.question_code = exclue_avant.question_code
),

jugees as (
    select
        cellules.*,
        parametres.alpha,
        parametres.base_fragile,
        parametres.materialite_note,
        parametres.materialite_taux,
        parametres.meme_mode_exige,
        parametres.meme_institut_exige,
        quantile_student(parametres.confiance, cellules.ddl) as t,
        not cellules.rupture
        and cellules.memes_organismes
        and (cellules.meme_mode or not parametres.meme_mode_exige)
        and (cellules.meme_institut or not parametres.meme_institut_exige) as taux_comparable,
        cellules.meme_bareme or not parametres.meme_bareme_exige as bareme_comparable,
        coalesce(
            secret.motif,
            {{ motif_cellule(
                'cellules.posee', 'cellules.base_brute', 'cellules.nb_organismes',
                'cellules.part_dominante', 'cellules.perimetre_type', 'cellules.exclusion'
            ) }}
        ) as motif_actuel,
        coalesce(
            secret_avant.motif,
            {{ motif_cellule(
                'cellules.posee_avant', 'cellules.base_brute_precedente', 'cellules.nb_organismes_precedent',
                'cellules.part_dominante_precedente', 'cellules.perimetre_type',
                'cellules.exclusion_precedente'
            ) }}
        ) as motif_precedent
    from cellules
    cross join parametres
    left join secret
        on
            cellules.perimetre_type <> 'organisme'
            and cellules.vague = secret.vague
            and cellules.ensemble = secret.ensemble
            and cellules.axe = secret.axe
            and cellules.segment = secret.segment
            and cellules.question_code = secret.question_code
    left join secret as secret_avant
        on
            cellules.perimetre_type <> 'organisme'
            and cellules.vague_precedente = secret_avant.vague
            and cellules.ensemble_precedent = secret_avant.ensemble
            and cellules.axe = secret_avant.axe
            and cellules.segment = secret_avant.segment
            and cellules.question_code = secret_avant.question_code
),

-- Une question qui a une note est jugée sur sa note, les autres sur leur taux.
ecarts as (
    select
        *,
        {{ statut_motif('motif_actuel', 'motif_precedent') }} as statut,
        coalesce(motif_actuel, {{ motif_d_une_autre('vague_precedente', 'motif_precedent') }}) as motif,
        case when note_moyenne is not null and note_precedente is not null then 'note' else 'taux' end as mesure,
        taux_comparable and bareme_comparable as note_comparable
    from jugees
),

-- Une évolution retenue pour protéger une autre case garde son verdict, qui est un mot ; ses chiffres s'arrêtent ici.
mesures as (
    select
        *,
        case
            when statut in ('V', 'D') and note_comparable then note_moyenne - note_precedente
        end as ecart_note,
        case
            when statut in ('V', 'D') and note_comparable
                then
                    sqrt(
                        note_erreur_type * note_erreur_type
                        + note_erreur_type_precedente * note_erreur_type_precedente
                    )
        end as erreur_type,
        case
            when statut in ('V', 'D') and taux_comparable then taux_satisfaits - taux_precedent
        end as ecart_taux,
        case
            when statut in ('V', 'D') and taux_comparable
                then
                    sqrt(
                        taux_erreur_type * taux_erreur_type
                        + taux_erreur_type_precedente * taux_erreur_type_precedente
                    )
        end as erreur_type_taux
    from ecarts
),

juges as (
    select
        *,
        case when mesure = 'note' then ecart_note else ecart_taux end as ecart,
        case when mesure = 'note' then erreur_type else erreur_type_taux end as erreur,
        case when mesure = 'note' then materialite_note else materialite_taux end as materialite,
        case when mesure = 'note' then note_comparable else taux_comparable end as comparable
    from mesures
),

tests as (
    select
        *,
        {{ p_ecart('ecart', 'erreur') }} as p_valeur
    from juges
),

{{ p_ajustees(famille) }}

select
    methode,
    vague,
    vague_precedente,
    perimetre_type,
    perimetre,
    ensemble,
    ensemble_precedent,
    axe,
    segment,
    question_code,
    posee,
    nouvelle,
    rupture,
    taux_comparable,
    meme_bareme,
    meme_mode,
    meme_institut,
    {{ si_publie('nb_organismes') }} as nb_organismes,
    {{ si_publie('base_brute') }} as base_brute,
    {{ si_publie('base_brute_precedente') }} as base_brute_precedente,
    {{ si_publie('ddl') }} as ddl,
    {{ si_publie('note_moyenne') }} as note_moyenne,
    {{ si_publie('note_precedente') }} as note_precedente,
    {{ si_publie('ecart_note') }} as ecart_note,
    {{ si_publie('erreur_type') }} as erreur_type,
    {{ si_publie('ecart_note - t * erreur_type') }} as ecart_note_ic_bas,
    {{ si_publie('ecart_note + t * erreur_type') }} as ecart_note_ic_haut,
    {{ si_publie('taux_satisfaits') }} as taux_satisfaits,
    {{ si_publie('taux_precedent') }} as taux_precedent,
    {{ si_publie('ecart_taux') }} as ecart_taux,
    {{ si_publie('erreur_type_taux') }} as erreur_type_taux,
    {{ si_publie('ecart_taux - t * erreur_type_taux') }} as ecart_taux_ic_bas,
    {{ si_publie('ecart_taux + t * erreur_type_taux') }} as ecart_taux_ic_haut,
    {{ si_publie('mesure') }} as mesure,
    {{ si_publie('p_valeur') }} as p_valeur,
    {{ si_publie('p_ajustee') }} as p_valeur_ajustee,
    {{ verdict_evolution() }} as verdict,
    {{ motif_verdict_evolution() }} as motif_du_verdict,
    statut,
    motif
from ajustes
