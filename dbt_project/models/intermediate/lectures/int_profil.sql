{%- set cle = ['vague', 'perimetre_type', 'perimetre', 'axe', 'question_code'] -%}
{%- set lues = fromyaml(mesures()) | selectattr('profil', 'defined') | list -%}
with satisfaction as (
    select
        *,
        {{ motif_de() }} as motif
    from {{ ref('int_satisfaction') }}
    where
        segment <> 'NR'
        and statut <> 'Z'
),

estimation as (
    select *
    from {{ ref('int_estimation') }}
    where
        segment <> 'NR'
        and {{ a_des_colonnes('mesure', 'profil') }}
),

region as (
    select distinct
        vague,
        ensemble
    from {{ ref('int_perimetres') }}
    where
        methode = 'publie'
        and perimetre_type = 'region'
),

croises as (
    select * from {{ ref('int_croises') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- Le profil de la région : ce que chaque segment connu y pèse parmi ceux qui répondent à la question.
profil as (
    select
        estimation.vague,
        estimation.axe,
        estimation.segment,
        estimation.question_code,
        estimation.mesure,
        estimation.moyenne as region,
        estimation.base_ponderee
        / {{ somme(
            'estimation.base_ponderee',
            '(partition by estimation.vague, estimation.axe, estimation.question_code, estimation.mesure)'
        ) }} as part
    from estimation
    inner join region
        on
            estimation.vague = region.vague
            and estimation.ensemble = region.ensemble
    where estimation.axe <> 'ensemble'
),

cellules as (
    select
        satisfaction.vague,
        satisfaction.perimetre_type,
        satisfaction.perimetre,
        satisfaction.axe,
        satisfaction.segment,
        satisfaction.question_code,
        profil.mesure,
        profil.part,
        profil.region,
        estimation.base_brute,
        estimation.base_ponderee,
        estimation.ddl,
        estimation.moyenne,
        estimation.erreur_type,
        estimation.moyenne - estimation.centre as ecart,
        case
            when satisfaction.statut <> 'V'
                then {{ motif_d_une_autre('segment', 'satisfaction.motif', 'satisfaction.segment') }}
            when regionales.statut <> 'V'
                then {{ motif_d_une_autre('segment_region', 'regionales.motif', 'satisfaction.segment') }}
        end as motif
    from profil
    inner join satisfaction
        on
            profil.vague = satisfaction.vague
            and profil.axe = satisfaction.axe
            and profil.segment = satisfaction.segment
            and profil.question_code = satisfaction.question_code
    inner join satisfaction as regionales
        on
            profil.vague = regionales.vague
            and regionales.perimetre_type = 'region'
            and profil.axe = regionales.axe
            and profil.segment = regionales.segment
            and profil.question_code = regionales.question_code
    left join estimation
        on
            satisfaction.vague = estimation.vague
            and satisfaction.ensemble = estimation.ensemble
            and satisfaction.axe = estimation.axe
            and satisfaction.segment = estimation.segment
            and satisfaction.question_code = estimation.question_code
            and profil.mesure = estimation.mesure
    where satisfaction.perimetre_type <> 'region'
),

-- Les segments d'un périmètre sont des domaines d'un même échantillon : leurs moyennes varient ensemble.
covariances as (
    select
        un.vague,
        un.perimetre_type,
        un.perimetre,
        un.axe,
        un.question_code,
        un.mesure,
        -2 * {{ somme(
            'un.part * deux.part * (croises.r00 - un.ecart * croises.r01 - deux.ecart * croises.r10'
            ~ ' + un.ecart * deux.ecart * croises.r11) / (un.base_ponderee * deux.base_ponderee)'
        ) }} as covariance
    from cellules as un
    inner join croises
        on
            un.vague = croises.vague
            and un.perimetre_type = croises.perimetre_type
            and un.perimetre = croises.perimetre
            and un.axe = croises.axe
            and un.segment = croises.segment
            and un.question_code = croises.question_code
            and un.mesure = croises.mesure
    inner join cellules as deux
        on
            un.vague = deux.vague
            and un.perimetre_type = deux.perimetre_type
            and un.perimetre = deux.perimetre
            and un.axe = deux.axe
            and croises.segment_compare = deux.segment
            and un.question_code = deux.question_code
            and un.mesure = deux.mesure
    group by un.vague, un.perimetre_type, un.perimetre, un.axe, un.question_code, un.mesure
),

sommes as (
    select
        {{ cle | join(',\n        ') }},
        mesure,
        {{ somme('part * moyenne') }} as profil,
        {{ somme('part * region') }} as region,
        {{ somme('part * part * erreur_type * erreur_type') }} as variance,
        cast(count(*) as bigint) as nb_segments,
        cast(sum(base_brute) as bigint) as base_brute,
        cast(sum(ddl) as bigint) as ddl,
        min(case when motif is not null then segment end) as segment_motive,
        min_by(motif, case when motif is not null then segment end) as motif
    from cellules
    group by {{ cle | join(', ') }}, mesure
    having count(*) > 1
),

precises as (
    select
        sommes.*,
        {{ erreur_ecart('sommes.variance', 'coalesce(covariances.covariance, 0)') }} as erreur_type
    from sommes
    left join covariances
        on
            sommes.mesure = covariances.mesure
            {%- for colonne in cle %}
            and sommes.{{ colonne }} = covariances.{{ colonne }}
            {%- endfor %}
),

-- Une ligne par périmètre, axe et question : les mesures côte à côte.
cote_a_cote as (
    select
        {{ cle | join(',\n        ') }},
        {%- for m in lues %}
        {%- for statistique in ['profil', 'region', 'erreur_type'] %}
        max(case when mesure = '{{ m.nom }}' then {{ statistique }} end) as {{ m.nom }}__{{ statistique }},
        {%- endfor %}
        {%- endfor %}
        max(nb_segments) as nb_segments,
        max(base_brute) as base_brute,
        max(ddl) as ddl,
        min_by(motif, segment_motive) as motif
    from precises
    group by {{ cle | join(', ') }}
),

juges as (
    select
        cote_a_cote.*,
        {%- for m in lues %}
        tous_{{ m.nom }}.moyenne as {{ m.nom }}__valeur,
        {%- endfor %}
        quantile_student(parametres.confiance, cote_a_cote.ddl) as t,
        coalesce(tous.motif, cote_a_cote.motif) as motif_du_profil
    from cote_a_cote
    cross join parametres
    inner join satisfaction as tous
        on
            cote_a_cote.vague = tous.vague
            and cote_a_cote.perimetre_type = tous.perimetre_type
            and cote_a_cote.perimetre = tous.perimetre
            and tous.axe = 'ensemble'
            and cote_a_cote.question_code = tous.question_code
    {%- for m in lues %}
    left join estimation as tous_{{ m.nom }}
        on
            tous.vague = tous_{{ m.nom }}.vague
            and tous.ensemble = tous_{{ m.nom }}.ensemble
            and tous.axe = tous_{{ m.nom }}.axe
            and tous.segment = tous_{{ m.nom }}.segment
            and tous.question_code = tous_{{ m.nom }}.question_code
            and tous_{{ m.nom }}.mesure = '{{ m.nom }}'
    {%- endfor %}
),

nommes as (
    select
        {%- for m in lues %}
        {%- for colonne, statistique in m.profil.items() %}
        {{ ecart_publie(m, statistique, 'profil') }} as {{ colonne }},
        {%- endfor %}
        {%- endfor %}
        {{ statut_motif('motif_du_profil') }} as statut,
        {{ colonnes_motif('motif_du_profil') }},
        *
    from juges
)

{{ masquer('nommes', pour='fct_profil_comparable') }}
