{%- set cle = ['vague', 'perimetre_type', 'perimetre', 'score_code'] -%}
{#- Un score publié ne dit pas ses degrés de liberté : ceux d'une loi normale. -#}
{%- set ddl = '1e9' -%}
with livres as (
    select * from {{ ref('stg_scores_livres') }}
),

scores as (
    select * from {{ ref('stg_scores') }}
),

classes as (
    select * from {{ ref('stg_scores_classes') }}
),

vagues as (
    select
        vague,
        lag(vague) over (partition by dispositif_code order by ordre) as vague_precedente
    from {{ ref('stg_vagues') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- Le score de chaque organisme, tel que son émetteur le publie ; et celui de la région, leur moyenne pondérée par les bases. Elle n'a
-- d'erreur que si chacun en a une.
reunis as (
    select
        vague,
        'organisme' as perimetre_type,
        organisme_code as perimetre,
        score_code,
        cast(1 as bigint) as nb_organismes,
        cast(base as bigint) as base,
        valeur,
        erreur_type,
        cast(1 as double) as part_dominante
    from livres
    union all
    select
        vague,
        'region' as perimetre_type,
        'region' as perimetre,
        score_code,
        count(*) as nb_organismes,
        cast(sum(base) as bigint) as base,
        {{ somme('base * valeur') }} / sum(base) as valeur,
        case
            when count(erreur_type) = count(*)
                then sqrt({{ somme('cast(base as double) * base * erreur_type * erreur_type') }}) / sum(base)
        end as erreur_type,
        cast(max(base) as double) / sum(base) as part_dominante
    from livres
    group by vague, score_code
),

motives as (
    select
        reunis.*,
        quantile_student(parametres.confiance, {{ ddl }}) as t,
        parametres.alpha,
        {{ motif_cellule(
            'true', 'reunis.base', 'reunis.nb_organismes', 'reunis.part_dominante', 'reunis.perimetre_type'
        ) }} as raison
    from reunis
    cross join parametres
),

jugees as (
    select
        *,
        {{ statut_motif('raison') }} as statut,
        {{ colonnes_motif('raison') }}
    from motives
),

classees as (
    select
        {{ prises('jugees', cle) }},
        max_by(classes.classe, classes.borne_min) as classe,
        max_by(classes.libelle, classes.borne_min) as classe_libelle
    from jugees
    inner join classes
        on
            jugees.score_code = classes.score_code
            and jugees.valeur >= classes.borne_min
    group by all
),

-- Deux vagues dont l'une est masquée n'ont pas d'écart : il la donnerait.
ecarts as (
    select
        {{ prises('jugees', cle) }},
        vagues.vague_precedente,
        jugees.valeur - avant.valeur as ecart,
        sqrt(jugees.erreur_type * jugees.erreur_type + avant.erreur_type * avant.erreur_type) as erreur
    from jugees
    inner join vagues
        on jugees.vague = vagues.vague
    inner join jugees as avant
        on
            vagues.vague_precedente = avant.vague
            and {{ memes('jugees', 'avant', ['perimetre_type', 'perimetre', 'score_code']) }}
    where jugees.statut = 'V' and avant.statut = 'V'
),

tests as (
    select
        *,
        case when erreur > 0 then p_student(ecart / erreur, {{ ddl }}) end as p_valeur
    from ecarts
),

completes as (
    select
        {{ prises('jugees', cle + [
            'nb_organismes', 'base', 'valeur', 'erreur_type', 'statut', 'motif_code', 'motif_parametre', 'motif_statut'
        ]) }},
        {{ prises('scores', ['theme_code', 'ordre', 'libelle', 'unite', 'minimum', 'maximum']) }},
        -- le plus grand d'un nombre et de rien est ce nombre
        case
            when jugees.erreur_type is not null
                then greatest(jugees.valeur - jugees.t * jugees.erreur_type, scores.minimum)
        end as ic_bas,
        case
            when jugees.erreur_type is not null
                then least(jugees.valeur + jugees.t * jugees.erreur_type, scores.maximum)
        end as ic_haut,
        {{ prises('classees', ['classe', 'classe_libelle']) }},
        {{ prises('tests', ['vague_precedente', 'ecart', 'p_valeur']) }},
        case
            when tests.p_valeur >= jugees.alpha then 'non significatif'
            when tests.ecart > 0 and tests.p_valeur is not null then 'hausse'
            when tests.p_valeur is not null then 'baisse'
        end as verdict
    from jugees
    inner join scores
        on jugees.score_code = scores.score_code
    left join classees
        on {{ memes('jugees', 'classees', cle) }}
    left join tests
        on {{ memes('jugees', 'tests', cle) }}
)

{{ masquer('completes', pour='fct_score') }}
